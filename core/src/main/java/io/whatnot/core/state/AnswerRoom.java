package io.whatnot.core.state;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Target;
import java.util.List;

/**
 * How much more an answer may tell. However long paths, values and labels are, it has to fit into a frame: a list in it ends
 * after so many items, or with the first that brings it to about a mebibyte.
 */
final class AnswerRoom {
    /** What a list may come to, but for its last item; a frame has room for three such lists. */
    static final int BYTES_MAX = 1 << 20;

    /** What the numbers of an item take, and what marks them, at most. */
    private static final long NUMBERS = 120;

    private int itemsLeft;
    private long bytesLeft = BYTES_MAX;

    /** Room for so many items. */
    AnswerRoom(int itemsMax) {
        this.itemsLeft = itemsMax;
    }

    /** Whether there is room for another item. */
    boolean isLeft() {
        return itemsLeft > 0 && bytesLeft > 0;
    }

    /** An item of so many bytes was told. */
    void take(long bytes) {
        itemsLeft--;
        bytesLeft -= bytes;
    }

    // ---- what things take, about

    static long bytes(ElementView element) {
        return NUMBERS
                + bytes(element.path())
                + element.value().size()
                + bytes(element.value().contentType())
                + bytes(element.actor().name());
    }

    static long bytes(Result.PolicyView policy) {
        return NUMBERS + bytes(policy.path());
    }

    static long bytes(Blocker blocker) {
        return NUMBERS
                + bytes(blocker.target())
                + bytes(blocker.holder().name())
                + bytes(blocker.owner())
                + bytes(blocker.label());
    }

    static long bytes(Result.Waiting waiting) {
        return bytes(waiting.request()) + bytes(waiting.blockers());
    }

    static long bytes(Result.Traced traced) {
        return bytes(traced.namespace())
                + traced.targets().stream().mapToLong(AnswerRoom::bytes).sum()
                + bytes(traced.request())
                + bytes(traced.blockers());
    }

    private static long bytes(List<Blocker> blockers) {
        return blockers.stream().mapToLong(AnswerRoom::bytes).sum();
    }

    private static long bytes(Target target) {
        AbsolutePath pool = target.pool();
        return NUMBERS + bytes(target.path()) + (pool == null ? 0 : bytes(pool));
    }

    private static long bytes(AbsolutePath path) {
        return bytes(path.toString());
    }

    /** In UTF-8, where a character of Java takes up to three bytes. */
    private static long bytes(String text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes;
    }
}
