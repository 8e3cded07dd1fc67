/** The clock and the timer that everything outside the state machine uses, so that tests can turn both by hand. */
@NullMarked
package io.whatnot.core.time;

import org.jspecify.annotations.NullMarked;
