/**
 * The replicated state machine: a function of the log and nothing else. {@link
 * io.whatnot.core.state.NamespaceStateMachine} applies entries, answers queries, and writes and reads images; on every
 * node and in every run the same log gives the same state, answers and events.
 *
 * <p>One package a concern: the trees of elements ({@code tree}), {@code lock}, {@code session}, images ({@code
 * snapshot}). They don't know each other. What crosses them is spelt out in this package's executors, one for each
 * family of commands.
 *
 * <p>There is no clock, randomness, thread, I/O or configuration here, and no walk over an unordered collection.
 */
@NullMarked
package io.whatnot.core.state;

import org.jspecify.annotations.NullMarked;
