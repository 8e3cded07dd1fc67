package io.whatnot.core.wire;

/**
 * The receiving end of a stream of frames. Its methods are called one at a time and must not block.
 *
 * @param <T> the frames
 */
public interface FrameListener<T> {
    /** A frame has arrived. */
    void frame(T frame);

    /** The other direction can take frames again. */
    void ready();

    /** The stream is over, in both directions; nothing else is called. */
    void closed(StreamFailure why);
}
