/**
 * The values everybody shares: paths, locks, events, errors, and the closed families of what a client may say ({@link
 * io.whatnot.core.model.Command}, {@link io.whatnot.core.model.Query}) and be told ({@link
 * io.whatnot.core.model.Result}).
 *
 * <p>Everything here is immutable and checks its own rules when it is made, so that no other part has to check them
 * again. Nothing here does anything: no state, no threads, no I/O, no dependency on any other package.
 */
@NullMarked
package io.whatnot.core.model;

import org.jspecify.annotations.NullMarked;
