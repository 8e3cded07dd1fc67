package io.whatnot.core.state.tree;

import io.whatnot.core.model.SubPath;
import io.whatnot.core.state.map.OrderedMap;

/**
 * A registered element and what is registered below it.
 *
 * @param element the element itself
 * @param children by section, in the order of paths
 * @param below how many elements are below it, at any depth
 * @param activeMillis when somebody last had to do with it or anything below, as far as that was noted
 * @param coveredMillis when somebody last had to do with all of that at once, by a lock on the prefix
 */
record ElementNode(
        Element element, OrderedMap<String, ElementNode> children, int below, long activeMillis, long coveredMillis) {
    private static final OrderedMap<String, ElementNode> NO_CHILDREN = OrderedMap.empty(SubPath::compareNames);

    static ElementNode leaf(Element element) {
        return new ElementNode(element, NO_CHILDREN, 0, 0, 0);
    }

    ElementNode with(Element other) {
        return new ElementNode(other, children, below, activeMillis, coveredMillis);
    }

    ElementNode with(OrderedMap<String, ElementNode> otherChildren, int otherBelow) {
        return new ElementNode(element, otherChildren, otherBelow, activeMillis, coveredMillis);
    }

    ElementNode with(OrderedMap<String, ElementNode> otherChildren, long active, long covered) {
        return new ElementNode(element, otherChildren, below, active, covered);
    }

    /** Itself and all below. */
    int weight() {
        return below + 1;
    }
}
