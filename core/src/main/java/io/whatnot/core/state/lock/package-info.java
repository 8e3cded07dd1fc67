/**
 * Locks: leases, the requests that wait for them, who is in whose way, and who is next.
 *
 * <p>The lock tree is apart from the tree of elements: a path can be locked that nobody registered, and a node here
 * lives exactly as long as there is a lock or a waiting request at or below it.
 *
 * <p>Semaphore pools are here too: a claim of their slots is a lease, waits like one, and a pool of one excludes like one.
 */
@NullMarked
package io.whatnot.core.state.lock;

import org.jspecify.annotations.NullMarked;
