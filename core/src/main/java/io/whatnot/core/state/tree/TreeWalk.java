package io.whatnot.core.state.tree;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.SubPath;
import io.whatnot.core.state.map.OrderedMap;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The elements below a path in the order of paths, a parent before its children, from behind a given path on. */
final class TreeWalk implements Iterator<Elements.Placed> {
    private record Level(AbsolutePath path, Iterator<OrderedMap.Entry<String, ElementNode>> children) {}

    private final boolean recursive;
    private final Deque<Level> levels = new ArrayDeque<>();

    TreeWalk(ElementNode root, AbsolutePath path, boolean recursive, AbsolutePath after) {
        this.recursive = recursive;
        ElementNode node = find(root, path);
        if (node == null) {
            return;
        }
        // Down along `after` as far as it is there; each level goes on behind the section that was taken.
        AbsolutePath here = path;
        for (int depth = path.depth(); recursive && depth < after.depth(); depth++) {
            String section = after.sections().get(depth);
            levels.push(new Level(here, node.children().iterator(section, false)));
            ElementNode child = node.children().get(section);
            if (child == null) {
                return;
            }
            here = here.resolve(SubPath.of(section));
            node = child;
        }
        if (!recursive && after.depth() > path.depth()) {
            String section = after.sections().get(path.depth());
            levels.push(new Level(path, node.children().iterator(section, false)));
        } else {
            levels.push(new Level(here, node.children().iterator()));
        }
    }

    static @Nullable ElementNode find(ElementNode root, AbsolutePath path) {
        ElementNode node = root;
        for (String section : path.sections()) {
            node = node.children().get(section);
            if (node == null) {
                return null;
            }
        }
        return node;
    }

    @Override
    public boolean hasNext() {
        while (!levels.isEmpty() && !levels.element().children.hasNext()) {
            levels.pop();
        }
        return !levels.isEmpty();
    }

    @Override
    public Elements.Placed next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Level level = levels.element();
        OrderedMap.Entry<String, ElementNode> child = level.children.next();
        AbsolutePath path = level.path.resolve(SubPath.of(child.key()));
        if (recursive) {
            levels.push(new Level(path, child.value().children().iterator()));
        }
        return new Elements.Placed(path, child.value().element());
    }
}
