package io.whatnot.client;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.RelativePath;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.SubPath;
import io.whatnot.core.model.Value;
import java.util.List;
import java.util.Optional;

/**
 * A place in the tree of a namespace. Immutable and cheap: making one sends nothing and registers nothing; it exists in
 * the cluster once it is registered or put. Its methods do what those of {@link Namespace} do, there.
 *
 * @param namespace the namespace
 * @param path the path in it
 */
public record PathElement(Namespace namespace, AbsolutePath path) {
    /** The last section of its path; empty for the root. */
    public String name() {
        return path.name();
    }

    /** The place that far below. */
    public PathElement resolve(RelativePath below) {
        return new PathElement(namespace, path.resolve(below));
    }

    /** The place that far below, as {@code a/b}. */
    public PathElement resolve(String below) {
        return resolve(RelativePath.parse(below));
    }

    /** The child of that name. */
    public PathElement child(SubPath name) {
        return new PathElement(namespace, path.resolve(name));
    }

    /** The place above; nothing above the root. */
    public Optional<PathElement> parent() {
        return path.parent().map(above -> new PathElement(namespace, above));
    }

    /** A lease here, to be described further. */
    public LeaseRequest lease() {
        return namespace.lease(path.toString());
    }

    /** A watch here, to be described further. */
    public WatchRequest watch() {
        return namespace.watch(path.toString());
    }

    /** Registers it and its missing parents. */
    public Revision register() throws InterruptedException {
        return namespace.register(path.toString());
    }

    /** Registers a child under a name of its own; later ones sort behind it. */
    public PathElement registerUnique() throws InterruptedException {
        return namespace.registerUnique(path.toString());
    }

    /** Registers a child under a name of its own, with a value; of {@code how} the owner and the lease count. */
    public PathElement registerUnique(Value value, Put how) throws InterruptedException {
        return namespace.registerUnique(path.toString(), value, how);
    }

    /** Gives it a text as its value. */
    public Result.Written put(String text) throws InterruptedException {
        return namespace.put(path.toString(), Value.of(text));
    }

    /** Gives it a text as its value. */
    public Result.Written put(String text, Put how) throws InterruptedException {
        return namespace.put(path.toString(), Value.of(text), how);
    }

    /** Gives it a value. */
    public Result.Written put(Value value, Put how) throws InterruptedException {
        return namespace.put(path.toString(), value, how);
    }

    /** What is registered here, linearizably. */
    public Optional<ElementView> get() throws InterruptedException {
        return namespace.get(path.toString());
    }

    /** What is registered here. */
    public Optional<ElementView> get(Consistency consistency) throws InterruptedException {
        return namespace.get(path.toString(), consistency);
    }

    /** Whether anything is registered here, linearizably. */
    public boolean exists() throws InterruptedException {
        return namespace.exists(path.toString());
    }

    /** The registered children, in order, all from one revision. */
    public List<PathElement> children() throws InterruptedException {
        return namespace.children(path.toString()).stream()
                .map(child -> new PathElement(namespace, child.path()))
                .toList();
    }

    /** Keeps it from being pruned for as long as if it had been changed now. */
    public void touch() throws InterruptedException {
        namespace.touch(path.toString());
    }

    /** Sets the policy by which it and what is below is pruned. */
    public Revision prunePolicy(Prune policy) throws InterruptedException {
        return namespace.prunePolicy(path.toString(), policy);
    }

    /** Ends its registration; refused while it has children. */
    public Revision delete() throws InterruptedException {
        return namespace.delete(path.toString());
    }

    /** {@code namespace:/path}. */
    @Override
    public String toString() {
        return namespace.name() + ":" + path;
    }
}
