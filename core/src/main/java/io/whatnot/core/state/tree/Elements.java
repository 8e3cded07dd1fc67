package io.whatnot.core.state.tree;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import io.whatnot.core.state.map.Edit;
import io.whatnot.core.state.map.OrderedMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The registered elements of all namespaces. An element's ancestors are registered too; the root always is.
 *
 * <p>Questions cost O(depth), listings besides what they list; a change copies the path from the root once an entry.
 */
public final class Elements {
    /** What a namespace takes besides its name and its elements: about. */
    public static final long NAMESPACE_BYTES = 300;

    /** What an element takes besides its path and value: about. */
    private static final long ELEMENT_BYTES = 300;

    private static final long DEADLINE_BYTES = 150;
    private static final long EPHEMERAL_BYTES = 150;

    private static final Tree UNBORN =
            new Tree(0, 0, ElementNode.leaf(new Element(Value.NONE, 1, 0, 0, Actor.CLUSTER, 0, 0, 0)));

    private final Edit edit;
    private OrderedMap<String, Tree> trees;
    private long bytes;

    /**
     * One namespace's tree.
     *
     * @param createRevision when the namespace was made
     * @param bytes about how much memory it takes
     * @param root its root, and thereby everything in it
     */
    record Tree(long createRevision, long bytes, ElementNode root) {}

    /**
     * An element and where it is.
     *
     * @param path where
     * @param element what
     */
    public record Placed(AbsolutePath path, Element element) {}

    /** No namespace at all. */
    public Elements(Edit edit) {
        this.edit = edit;
        this.trees = OrderedMap.empty();
    }

    /** The same elements, to be changed under another edit. */
    public Elements(Elements from, Edit edit) {
        this.edit = edit;
        this.trees = from.trees;
        this.bytes = from.bytes;
    }

    // ---- namespaces

    /** Whether there is a namespace of that name. */
    public boolean hasNamespace(String namespace) {
        return trees.containsKey(namespace);
    }

    /** How many namespaces there are. */
    public int namespaceCount() {
        return trees.size();
    }

    /** The names of all namespaces, in order. */
    public List<String> namespaces() {
        List<String> names = new ArrayList<>(trees.size());
        trees.forEach(tree -> names.add(tree.key()));
        return names;
    }

    /** The revision a namespace was made at. */
    public long createRevision(String namespace) {
        return tree(namespace).createRevision;
    }

    /** About how much memory all of them take. */
    public long bytes() {
        return bytes;
    }

    /** About how much memory an element takes at a path; the same on all nodes. */
    public static long bytes(AbsolutePath path, Element element) {
        return ELEMENT_BYTES
                + path.toString().length()
                + element.value().size()
                + element.value().contentType().length()
                + (element.ttlMillis() == 0 ? 0 : DEADLINE_BYTES)
                + (element.ephemeralSession() == 0 ? 0 : EPHEMERAL_BYTES);
    }

    /** How many elements a namespace has, the root among them. */
    public int count(String namespace) {
        return tree(namespace).root.weight();
    }

    /** Adds a namespace in which only the root is registered. */
    public void createNamespace(String namespace, Element root) {
        set(
                namespace,
                new Tree(
                        root.createRevision(),
                        NAMESPACE_BYTES + namespace.length() + bytes(AbsolutePath.ROOT, root),
                        ElementNode.leaf(root)));
    }

    /** Takes a namespace away. */
    public void dropNamespace(String namespace) {
        Tree gone = trees.get(namespace);
        bytes -= gone == null ? 0 : gone.bytes;
        trees = trees.remove(edit, namespace);
    }

    // ---- questions

    /** What is registered at a path of a namespace, or null. A namespace that isn't there is like an empty one. */
    public @Nullable Element get(String namespace, AbsolutePath path) {
        ElementNode node = node(namespace, path);
        return node == null ? null : node.element();
    }

    /** The deepest registered element at or above a path. */
    public Placed closest(String namespace, AbsolutePath path) {
        ElementNode node = tree(namespace).root;
        for (int depth = 0; depth < path.depth(); depth++) {
            ElementNode child = node.children().get(path.sections().get(depth));
            if (child == null) {
                return new Placed(path.ancestor(depth), node.element());
            }
            node = child;
        }
        return new Placed(path, node.element());
    }

    /** How many elements are registered below a registered path. */
    public int countBelow(String namespace, AbsolutePath path) {
        ElementNode node = node(namespace, path);
        return node == null ? 0 : node.below();
    }

    /**
     * The elements below a path, in the order of paths, from behind {@code after}.
     *
     * @param recursive everything below, or only the children
     */
    public Iterator<Placed> below(String namespace, AbsolutePath path, boolean recursive, AbsolutePath after) {
        return new TreeWalk(tree(namespace).root, path, recursive, after);
    }

    /** The paths that registering {@code path} would register: itself, if it isn't, and its missing ancestors, from the top. */
    public List<AbsolutePath> missing(String namespace, AbsolutePath path) {
        List<AbsolutePath> missing = new ArrayList<>();
        for (int depth = closest(namespace, path).path().depth() + 1; depth <= path.depth(); depth++) {
            missing.add(path.ancestor(depth));
        }
        return missing;
    }

    // ---- rules

    /** Refuses to register something below an element that ends by itself. */
    public @Nullable Refused refuseBelowPassing(String namespace, AbsolutePath path) {
        Placed closest = closest(namespace, path);
        if (!closest.path.equals(path) && closest.element.isPassing()) {
            return new Refused(
                    ErrorCode.HAS_CHILDREN,
                    path + " can't be registered: " + closest.path
                            + " has a ttl or is ephemeral, and such elements have no children");
        }
        return null;
    }

    /** Refuses to let an element end by itself that has children. */
    public @Nullable Refused refusePassing(String namespace, AbsolutePath path, boolean passing) {
        if (passing && path.isRoot()) {
            return new Refused(ErrorCode.INVALID_ARGUMENT, "the root can have no ttl and can't be ephemeral");
        }
        int below = countBelow(namespace, path);
        if (passing && below > 0) {
            return new Refused(
                    ErrorCode.HAS_CHILDREN,
                    path + " has " + below + " elements below it, so it can have no ttl and can't be ephemeral");
        }
        return null;
    }

    /** Refuses if what is at the path does not meet the condition. */
    public @Nullable Refused refuseUnless(Condition condition, String namespace, AbsolutePath path) {
        Element present = get(namespace, path);
        if (condition.ifAbsent() && present != null) {
            return new Refused(
                    ErrorCode.ELEMENT_EXISTS,
                    path + " is registered, in version " + present.version() + ", but was asked to be absent",
                    present(present));
        }
        if (condition.ifPresent() && present == null) {
            return new Refused(ErrorCode.NO_SUCH_ELEMENT, path + " is not registered, but was asked to be present");
        }
        if (condition.ifVersion() != 0 && (present == null || present.version() != condition.ifVersion())) {
            return new Refused(
                    ErrorCode.CONDITION_FAILED,
                    path + (present == null ? " is not registered" : " is in version " + present.version())
                            + ", but version " + condition.ifVersion() + " was asked for",
                    present(present));
        }
        if (condition.ifModRevision() != 0 && (present == null || present.modRevision() != condition.ifModRevision())) {
            return new Refused(
                    ErrorCode.CONDITION_FAILED,
                    path + (present == null ? " is not registered" : " changed at revision " + present.modRevision())
                            + ", but revision " + condition.ifModRevision() + " was asked for",
                    present(present));
        }
        return null;
    }

    private static Detail present(@Nullable Element element) {
        return element == null
                ? new Detail.Present(0, Revision.NONE)
                : new Detail.Present(element.version(), new Revision(element.modRevision()));
    }

    // ---- changes

    /** Registers an element whose parent is registered, or replaces what is registered there. */
    public void put(String namespace, AbsolutePath path, Element element) {
        Tree tree = existing(namespace);
        Element before = get(namespace, path);
        long more = bytes(path, element) - (before == null ? 0 : bytes(path, before));
        ElementNode root = put(tree.root, path.sections(), 0, element);
        set(namespace, new Tree(tree.createRevision, tree.bytes + more, root));
    }

    private ElementNode put(@Nullable ElementNode node, List<String> sections, int depth, Element element) {
        if (depth == sections.size()) {
            return node == null ? ElementNode.leaf(element) : node.with(element);
        }
        if (node == null) {
            throw new IllegalStateException("no parent registered for " + sections);
        }
        String section = sections.get(depth);
        ElementNode before = node.children().get(section);
        int weight = before == null ? 0 : before.weight();
        ElementNode after = put(before, sections, depth + 1, element);
        return node.with(node.children().put(edit, section, after), node.below() + after.weight() - weight);
    }

    /**
     * Ends the registration of an element and of everything below it; of the root, of everything below it alone.
     *
     * @return what was registered, deepest first, then in the order of paths
     */
    public List<Placed> remove(String namespace, AbsolutePath path) {
        ElementNode node = node(namespace, path);
        if (node == null) {
            throw new IllegalStateException(path + " is not registered");
        }
        List<Placed> removed = new ArrayList<>(node.weight());
        if (!path.isRoot()) {
            removed.add(new Placed(path, node.element()));
        }
        below(namespace, path, true, path).forEachRemaining(removed::add);
        removed.sort(
                Comparator.comparing((Placed placed) -> placed.path.depth()).reversed());

        Tree tree = tree(namespace);
        ElementNode root = path.isRoot()
                ? tree.root.with(ElementNode.leaf(tree.root.element()).children(), 0)
                : cut(tree.root, path.sections(), 0, node.weight());
        long less = 0;
        for (Placed gone : removed) {
            less += bytes(gone.path, gone.element);
        }
        set(namespace, new Tree(tree.createRevision, tree.bytes - less, root));
        return removed;
    }

    private ElementNode cut(ElementNode node, List<String> sections, int depth, int weight) {
        String section = sections.get(depth);
        OrderedMap<String, ElementNode> children;
        if (depth + 1 == sections.size()) {
            children = node.children().remove(edit, section);
        } else {
            ElementNode child = node.children().get(section);
            if (child == null) {
                throw new IllegalStateException(sections + " is not registered");
            }
            children = node.children().put(edit, section, cut(child, sections, depth + 1, weight));
        }
        return node.with(children, node.below() - weight);
    }

    // ---- activity

    /**
     * Notes that somebody has to do with a path, and so with everything on the way to it: with what is registered of that.
     * O(depth).
     *
     * @param below whether with everything below the path too
     */
    public void noteActivity(String namespace, AbsolutePath path, boolean below, long nowMillis) {
        Tree tree = trees.get(namespace);
        if (tree != null) {
            set(
                    namespace,
                    new Tree(tree.createRevision, tree.bytes, active(tree.root, path.sections(), 0, below, nowMillis)));
        }
    }

    private ElementNode active(ElementNode node, List<String> sections, int depth, boolean below, long nowMillis) {
        OrderedMap<String, ElementNode> children = node.children();
        if (depth == sections.size()) {
            return node.with(children, nowMillis, below ? nowMillis : node.coveredMillis());
        }
        ElementNode child = children.get(sections.get(depth));
        if (child != null) {
            children = children.put(edit, sections.get(depth), active(child, sections, depth + 1, below, nowMillis));
        }
        return node.with(children, nowMillis, node.coveredMillis());
    }

    /** When somebody last had to do with a registered path or anything below, as far as that was noted. O(depth). */
    public long activeMillis(String namespace, AbsolutePath path) {
        ElementNode node = tree(namespace).root;
        long covered = node.coveredMillis();
        for (String section : path.sections()) {
            node = node.children().get(section);
            if (node == null) {
                throw new IllegalStateException(path + " is not registered");
            }
            covered = Math.max(covered, node.coveredMillis());
        }
        return Math.max(node.activeMillis(), covered);
    }

    /** What was noted for a registered path, for an image: its activity, and that of all below at once. */
    public long[] noted(String namespace, AbsolutePath path) {
        ElementNode root = tree(namespace).root;
        ElementNode node = root.activeMillis() == 0 ? null : TreeWalk.find(root, path); // or nothing ever was
        return node == null ? new long[2] : new long[] {node.activeMillis(), node.coveredMillis()};
    }

    /** Sets what was noted for a registered path, from an image. */
    public void restoreActivity(String namespace, AbsolutePath path, long activeMillis, long coveredMillis) {
        Tree tree = existing(namespace);
        ElementNode root = restored(tree.root, path.sections(), 0, activeMillis, coveredMillis);
        set(namespace, new Tree(tree.createRevision, tree.bytes, root));
    }

    private ElementNode restored(ElementNode node, List<String> sections, int depth, long active, long covered) {
        if (depth == sections.size()) {
            return node.with(node.children(), active, covered);
        }
        String section = sections.get(depth);
        ElementNode child = node.children().get(section);
        if (child == null) {
            throw new IllegalStateException(sections + " is not registered");
        }
        return node.with(
                node.children().put(edit, section, restored(child, sections, depth + 1, active, covered)),
                node.below());
    }

    /**
     * Looks for what is idle at and below a path, from behind {@code after} on; null: from the beginning. Changes nothing.
     *
     * @return whether it got to the end
     */
    public boolean findIdle(String namespace, AbsolutePath path, @Nullable AbsolutePath after, IdleSearch search) {
        ElementNode node = tree(namespace).root;
        long covered = node.coveredMillis();
        for (String section : path.sections()) {
            node = node.children().get(section);
            if (node == null) {
                return true;
            }
            covered = Math.max(covered, node.coveredMillis());
        }
        return search.visit(node, path, after, covered);
    }

    private void set(String namespace, Tree tree) {
        Tree before = trees.get(namespace);
        bytes += tree.bytes - (before == null ? 0 : before.bytes);
        trees = trees.put(edit, namespace, tree);
    }

    /** A namespace's tree; of one that is not made yet, the tree it would have. */
    private Tree tree(String namespace) {
        Tree tree = trees.get(namespace);
        return tree == null ? UNBORN : tree;
    }

    private Tree existing(String namespace) {
        Tree tree = trees.get(namespace);
        if (tree == null) {
            throw new IllegalStateException("no namespace " + namespace);
        }
        return tree;
    }

    private @Nullable ElementNode node(String namespace, AbsolutePath path) {
        return TreeWalk.find(tree(namespace).root, path);
    }
}
