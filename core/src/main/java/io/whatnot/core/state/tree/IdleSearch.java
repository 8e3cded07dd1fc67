package io.whatnot.core.state.tree;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.SubPath;
import io.whatnot.core.state.map.OrderedMap;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what may be pruned: idle elements below which nothing stays. Children are seen before their parents, so that an idle
 * subtree goes as a whole; wherever the search stops, what it has found leaves no orphan.
 *
 * <p>It looks at no more elements than it may, whatever the size of the tree, and remembers where it stopped.
 */
public final class IdleSearch {
    private final Rule rule;
    private final int looksMax;
    private final int foundMax;
    private final long bytesMax;
    private final List<Elements.Placed> found = new ArrayList<>();
    private @Nullable AbsolutePath last;
    private int looks;
    private long bytes;

    /** What decides about each element. */
    public interface Rule {
        /** Whether another rule holds for a path and all below it. */
        boolean isAnothers(AbsolutePath path);

        /** Whether an element goes that has nothing below it, and was last active then. */
        boolean goes(Elements.Placed placed, long activeMillis);

        /** About how many bytes it takes to tell of that. */
        long bytes(Elements.Placed placed);
    }

    /**
     * A search.
     *
     * @param rule what decides
     * @param looksMax how many elements it may look at
     * @param foundMax how many it may find
     * @param bytesMax how many bytes, about, it may take to tell of what it finds; one more may go beyond
     */
    public IdleSearch(Rule rule, int looksMax, int foundMax, long bytesMax) {
        this.rule = rule;
        this.looksMax = looksMax;
        this.foundMax = foundMax;
        this.bytesMax = bytesMax;
    }

    /** What it has found, children before their parents. */
    public List<Elements.Placed> found() {
        return found;
    }

    /** How many elements it has looked at. */
    public int looks() {
        return looks;
    }

    /** The last element that it looked at, behind which to go on; null if there was none. */
    public @Nullable AbsolutePath last() {
        return last;
    }

    /** Looks at all that comes behind {@code after} in a subtree, its root last; false if it has to stop. */
    boolean visit(ElementNode node, AbsolutePath path, @Nullable AbsolutePath after, long coveredMillis) {
        AbsolutePath within = after != null && after.depth() > path.depth() && after.startsWith(path) ? after : null;
        Iterator<OrderedMap.Entry<String, ElementNode>> children = within == null
                ? node.children().iterator()
                : node.children().iterator(within.sections().get(path.depth()), within.depth() > path.depth() + 1);
        int gone = 0;
        while (children.hasNext()) {
            OrderedMap.Entry<String, ElementNode> child = children.next();
            AbsolutePath childPath = path.resolve(SubPath.of(child.key()));
            if (rule.isAnothers(childPath)) {
                continue;
            }
            long covered = Math.max(coveredMillis, child.value().coveredMillis());
            if (!visit(child.value(), childPath, within, covered)) {
                return false;
            }
            if (!found.isEmpty() && found.get(found.size() - 1).path().equals(childPath)) {
                gone++;
            }
        }
        if (looks >= looksMax || found.size() >= foundMax || bytes >= bytesMax) {
            return false;
        }
        looks++;
        last = path;
        Elements.Placed placed = new Elements.Placed(path, node.element());
        if (gone == node.children().size() && rule.goes(placed, Math.max(node.activeMillis(), coveredMillis))) {
            found.add(placed);
            bytes += rule.bytes(placed);
        }
        return true;
    }
}
