/**
 * Stories that the state machine is told line by line, with what it answers: tests, and documentation for people who
 * read no Java. The stories are in {@code resources/transcripts}.
 */
@NullMarked
package io.whatnot.core.transcript;

import org.jspecify.annotations.NullMarked;
