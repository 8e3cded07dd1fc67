package io.whatnot.core.engine;

import io.whatnot.core.model.AbsolutePath;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the watches that a path matters to, in the depth of the path plus their number.
 *
 * @param <W> watches
 */
final class WatchIndex<W> {
    private static final class Node<W> {
        final Set<W> exact = new LinkedHashSet<>();
        final Set<W> recursive = new LinkedHashSet<>();
        final Map<String, Node<W>> children = new HashMap<>();

        boolean isEmpty() {
            return exact.isEmpty() && recursive.isEmpty() && children.isEmpty();
        }
    }

    private final Map<String, Node<W>> namespaces = new HashMap<>();

    void add(String namespace, AbsolutePath path, boolean recursive, W watch) {
        Node<W> node = namespaces.computeIfAbsent(namespace, n -> new Node<>());
        for (String section : path.sections()) {
            node = node.children.computeIfAbsent(section, s -> new Node<>());
        }
        (recursive ? node.recursive : node.exact).add(watch);
    }

    void remove(String namespace, AbsolutePath path, boolean recursive, W watch) {
        Node<W> root = namespaces.get(namespace);
        if (root != null && remove(root, path, 0, recursive, watch)) {
            namespaces.remove(namespace);
        }
    }

    /** Whether nothing is left of the node. */
    private boolean remove(Node<W> node, AbsolutePath path, int depth, boolean recursive, W watch) {
        if (depth == path.depth()) {
            (recursive ? node.recursive : node.exact).remove(watch);
        } else {
            String section = path.sections().get(depth);
            Node<W> child = node.children.get(section);
            if (child != null && remove(child, path, depth + 1, recursive, watch)) {
                node.children.remove(section);
            }
        }
        return node.isEmpty();
    }

    /** Shows the watches of the path itself and the recursive ones at or above it. */
    void matching(String namespace, AbsolutePath path, Consumer<W> visitor) {
        Node<W> node = namespaces.get(namespace);
        for (int depth = 0; node != null; depth++) {
            node.recursive.forEach(visitor);
            if (depth == path.depth()) {
                node.exact.forEach(visitor);
                return;
            }
            node = node.children.get(path.sections().get(depth));
        }
    }

    /** Shows all watches in a namespace. */
    void all(String namespace, Consumer<W> visitor) {
        all(namespaces.get(namespace), visitor);
    }

    private void all(@Nullable Node<W> node, Consumer<W> visitor) {
        if (node != null) {
            node.recursive.forEach(visitor);
            node.exact.forEach(visitor);
            node.children.values().forEach(child -> all(child, visitor));
        }
    }
}
