package io.whatnot.core.state.tree;

import io.whatnot.core.model.SubPath;
import io.whatnot.core.state.map.OrderedMap;

/**
 * A registered element and what is registered below it.
 *
 * @param element the element itself
 * @param children by section, in the order of paths
 * @param below how many elements are below it, at any depth
 */
record ElementNode(Element element, OrderedMap<String, ElementNode> children, int below) {
    private static final OrderedMap<String, ElementNode> NO_CHILDREN = OrderedMap.empty(SubPath::compareNames);

    static ElementNode leaf(Element element) {
        return new ElementNode(element, NO_CHILDREN, 0);
    }

    /** Itself and all below. */
    int weight() {
        return below + 1;
    }
}
