package io.whatnot.core.wire;

/**
 * The sending end of a stream of frames. Frames arrive in the order they were sent, or not at all.
 *
 * @param <T> the frames
 */
public interface FrameStream<T> {
    /** Whether a frame sent now would go out soon. When it is not, {@link FrameListener#ready} is told once it is again. */
    boolean isReady();

    /**
     * Sends a frame; never blocks. Not to be called by two threads at once. What is sent when the stream is not ready is
     * kept in memory; what is sent when it is closed is dropped.
     */
    void send(T frame);

    /** Ends the stream in good order: what was sent before still arrives. */
    void close();

    /**
     * Ends the stream at once and tells the other end why, as soon as that reads. This end's listener is told that the
     * stream is over, perhaps before this returns and by the same thread.
     */
    void fail(StreamFailure why);
}
