package io.whatnot.client;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Value;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;

/**
 * A tree of elements with its own locks and watches. Cheap; nothing is sent until it is used, and by default first use
 * makes the namespace.
 *
 * <p>Blocking methods wait at most the manager's request timeout for an answer. They throw {@link WhatnotException} when
 * refused or left without one, {@link io.whatnot.core.model.PathException} for a path that breaks a rule, and
 * InterruptedException, upon which the outcome is unknown. Asynchronous ones complete exceptionally with the same.
 */
public interface Namespace {
    /** Its name. */
    String name();

    /** A place in the tree, whether or not anything is there. */
    PathElement element(String path);

    /** A place in the tree, whether or not anything is there. */
    PathElement element(AbsolutePath path);

    // ---- locks

    /** A lease on an element, to be described further. */
    LeaseRequest lease(String path);

    /** A lease on several targets at once, granted in one step or waiting as a whole: 1 to 16, no path twice. */
    LeaseRequest leaseAll(Target... targets);

    /**
     * An element's lock as users of j.u.c. expect it: of the thread that locks it, re-entrant, kept until that thread unlocks
     * it or its session ends. Fair. {@code lock} and its like throw {@link WhatnotException} when the cluster refuses, with
     * {@link DeadlockException} rather than waiting for ever, or does not answer; {@code unlock} throws {@link
     * LeaseLostException} if the lock was lost meanwhile. A {@link Lock} can't tell of that in time: {@link
     * LeaseContext#call} interrupts what it protects. Conditions are not supported.
     */
    Lock lock(String path);

    /**
     * The same for many readers or one writer. A thread that reads may begin to write, and waits until it is alone; of two
     * that try so at once one gets {@link DeadlockException}, and has to unlock what it reads. A thread that writes may begin
     * to read, and then stop writing. A writer that waits keeps out readers who come after it.
     */
    ReadWriteLock readWriteLock(String path);

    /**
     * Who holds and who waits for what has to do with the path, or with PREFIX with anything at or below it: up to 1,000 of
     * either kind, fewer if their paths are long; {@link Result.Locks#more} says whether there are others.
     */
    Result.Locks locks(String path, Scope scope) throws InterruptedException;

    /** A semaphore pool, whether or not there is one: to be made, looked at, and claimed of. */
    SemaphorePool pool(String path);

    /** The slots of the pool that serves the path as j.u.c. has permits; how it differs, {@link ClusterSemaphore} says. */
    ClusterSemaphore semaphore(String path);

    /** Who waits for whom at the path, or with PREFIX at or below it: {@link #locks} as a graph. */
    WaitForGraph waitForGraph(String path, Scope scope) throws InterruptedException;

    // ---- elements

    /** Registers an element and its missing parents. */
    Revision register(String path) throws InterruptedException;

    /** Registers an element and its missing parents. */
    CompletableFuture<Revision> registerAsync(String path, Put how);

    /** Registers a child of that parent under a name of its own, and all missing parents; later ones sort behind it. */
    PathElement registerUnique(String parent) throws InterruptedException;

    /** Registers a child under a name of its own, with a value; of {@code how} the owner and the lease count. */
    PathElement registerUnique(String parent, Value value, Put how) throws InterruptedException;

    /** Registers a child under a name of its own, with a value; of {@code how} the owner and the lease count. */
    CompletableFuture<PathElement> registerUniqueAsync(String parent, Value value, Put how);

    /** Gives an element a value, registering it and its missing parents if need be. */
    Result.Written put(String path, Value value) throws InterruptedException;

    /** Gives an element a value, registering it and its missing parents if need be. */
    Result.Written put(String path, Value value, Put how) throws InterruptedException;

    /** Gives an element a value, registering it and its missing parents if need be. */
    CompletableFuture<Result.Written> putAsync(String path, Value value, Put how);

    /** What is registered there, linearizably. */
    Optional<ElementView> get(String path) throws InterruptedException;

    /** What is registered there. */
    Optional<ElementView> get(String path, Consistency consistency) throws InterruptedException;

    /** What is registered there. */
    CompletableFuture<Optional<ElementView>> getAsync(String path, Consistency consistency);

    /** Whether anything is registered there, linearizably. */
    boolean exists(String path) throws InterruptedException;

    /** The deepest registered element at or above the path, linearizably; never nothing, for the root always is. */
    PathElement closest(String path) throws InterruptedException;

    /** The registered children of an element, in order, all from one revision. */
    List<ElementView> children(String path) throws InterruptedException;

    /** Everything registered below an element, in the order of paths, all from one revision. */
    List<ElementView> subtree(String path) throws InterruptedException;

    /** Ends the registration of an element that has no children. */
    Revision delete(String path) throws InterruptedException;

    /** Ends the registration of an element that has no children. */
    Revision delete(String path, Put how) throws InterruptedException;

    /** Ends the registration of an element that has no children. */
    CompletableFuture<Revision> deleteAsync(String path, Put how);

    /** Deletes an element and everything below it, in one revision; refused if that makes more than 10,000 events. */
    Result.Deleted deleteRecursive(String path, Put how) throws InterruptedException;

    /** Deletes an element and everything below it in as many steps as it takes; tells how many were deleted. */
    long deleteTree(String path) throws InterruptedException;

    /**
     * A transaction, to be described further: compares, and then several operations at once, all or nothing. Clusters that
     * run, or ran when they were founded, nodes of older versions may refuse it: UNSUPPORTED, until their feature level is
     * raised to 5.
     */
    TransactionRequest transact();

    // ---- pruning

    /**
     * Sets the policy by which idle elements are pruned, for the path and everything below that has no nearer policy; it
     * replaces the path's own. An element counts as idle from now on at the earliest, so nothing goes sooner than that.
     * Nothing need be registered there, and the policy stays when that is pruned. Locks that others hold at or below the path
     * forbid it. Clusters that run, or ran when they were founded, nodes of older versions may refuse it: UNSUPPORTED, until
     * their feature level is raised to 7.
     */
    Revision prunePolicy(String path, Prune policy) throws InterruptedException;

    /** The same without waiting. */
    CompletableFuture<Revision> prunePolicyAsync(String path, Prune policy);

    /** Takes the policy of a path away, so that the one above is in force again, if there is one. */
    Revision removePrunePolicy(String path) throws InterruptedException;

    /** The same without waiting. */
    CompletableFuture<Revision> removePrunePolicyAsync(String path);

    /**
     * The policies that were set in the namespace, in the order of their paths, linearizably. Where their paths are so long that
     * they take more than one answer, one that is set or taken away meanwhile may be among them or not.
     */
    List<Result.PolicyView> prunePolicies() throws InterruptedException;

    /**
     * Keeps an element, and what it lies below, from being pruned for as long as if it had been changed now; changes nothing
     * of it. NO_SUCH_ELEMENT if it is not registered. No lock forbids it.
     */
    void touch(String path) throws InterruptedException;

    /** The same without waiting. */
    CompletableFuture<Void> touchAsync(String path);

    // ---- as a whole

    /**
     * Writes all registered elements but ephemeral ones as they were at one revision, each as a JSON object in a line of
     * its own. Locks and pruning policies don't travel. Flushes; does not close.
     *
     * @return how many
     * @throws WhatnotException VIEW_EXPIRED if writing took longer than the cluster keeps that revision, a minute
     */
    long exportTo(OutputStream out) throws IOException, InterruptedException;

    /**
     * Puts what {@link #exportTo} wrote, some at a time. A ttl begins anew. What is there already is written over. When
     * something can't be read or put the rest is left out; the message names the line.
     *
     * @return how many
     * @throws IllegalArgumentException if a line can't be read
     */
    long importFrom(InputStream in) throws IOException, InterruptedException;

    // ---- watches

    /** A watch of an element, to be described further. */
    WatchRequest watch(String path);
}
