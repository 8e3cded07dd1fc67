/** The parts of the log over JRaft, each alone. */
@NullMarked
package io.whatnot.node.raft;

import org.jspecify.annotations.NullMarked;
