/**
 * How the client does what its API says. Not for users; anything here may change.
 *
 * <p>{@link io.whatnot.client.internal.RequestSender} gets calls to a node and answers back, whatever breaks meanwhile;
 * {@link io.whatnot.client.internal.SessionKeeper} numbers commands, keeps the session alive and knows until when it
 * surely is; {@link io.whatnot.client.internal.WatchStream} does for watches what the sender does for calls. All state of
 * one client is guarded by one lock, {@link io.whatnot.client.internal.Guard}; nothing is sent, and nobody told anything,
 * while it is held.
 */
@NullMarked
package io.whatnot.client.internal;

import org.jspecify.annotations.NullMarked;
