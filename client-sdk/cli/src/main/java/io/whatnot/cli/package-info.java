/** The command line: each command is a small program over the SDK. */
@NullMarked
package io.whatnot.cli;

import org.jspecify.annotations.NullMarked;
