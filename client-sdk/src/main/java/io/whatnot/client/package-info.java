/**
 * The Java API of Whatnot.
 *
 * <p><b>Beginning.</b> A {@link io.whatnot.client.NamespaceManager} is a client's presence in a cluster, or a cluster of
 * one inside this process; make one and keep it. It gives {@link io.whatnot.client.Namespace namespaces}, each a tree of
 * elements with its own locks and watches:
 *
 * <pre>{@code
 * try (NamespaceManager whatnot = NamespaceManager.connect("a:7400,b:7400,c:7400")) {
 *     Namespace shop = whatnot.namespace("shop");
 *     shop.put("/config/rate", Value.of("0.19"));
 *     try (LeaseContext lease = shop.lease("/orders/eu").prefix().waitTimeout(Duration.ofSeconds(3)).acquire()) {
 *         shop.put("/orders/eu/42", Value.of("paid"), Put.with().lease(lease));
 *     }
 * }
 * }</pre>
 *
 * <p><b>Locks stop others.</b> While a lease is held, the servers refuse everybody else's changes to what it covers:
 * LOCKED. A change that names its lease is refused once that lease has ended, STALE_TOKEN: name it, always.
 *
 * <p><b>Who holds.</b> Holding is by lease, not by thread. The <em>owner</em> label decides who is in whose way: blocking
 * calls default to one owner for each calling thread, asynchronous calls to a fresh one each. So a thread may take a
 * lease twice and write under it with plain blocking calls; an asynchronous call has to name the lease.
 *
 * <p><b>Several elements at once.</b> {@link io.whatnot.client.Namespace#transact} compares what is there, and then does
 * several things in one revision, all or nothing; it meets the locks of others as each of them would alone.
 *
 * <p><b>How long.</b> A lease lives while its session does, which this library keeps alive; with a {@code ttl} it also
 * has a deadline that only {@code renew} moves. {@link io.whatnot.client.LeaseContext#isHeld} says what can be proven
 * from this client's monotonic clock, and gives up before the servers do. Loss is told once, by {@code lost()} and by an
 * interrupt to the body of {@code call}.
 *
 * <p><b>Failures.</b> Requests are repeated over leader changes and reconnects, with the effect of one, until their time
 * is up. What fails throws {@link io.whatnot.client.WhatnotException} with a code, and says whether it is known that
 * nothing was done.
 *
 * <p><b>Loss of memory.</b> A cluster keeps its state in memory. Should a majority lose it at once, elements may be gone
 * or as they were before, and for a time nothing is granted or changed: RECOVERING, which is retried. This library
 * reclaims by itself what it holds, so leases go on, with their tokens; {@code onRecovered} tells what could not be.
 *
 * <p><b>Threads.</b> Futures are completed, and listeners called, on threads of this library's own, never on a
 * transport's; blocking in them is allowed. Listeners of one watch are called one at a time.
 */
@NullMarked
package io.whatnot.client;

import org.jspecify.annotations.NullMarked;
