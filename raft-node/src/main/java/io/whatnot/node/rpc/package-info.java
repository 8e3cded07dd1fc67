/** The node's gRPC server for clients, and its way to other nodes as a client of theirs. */
@NullMarked
package io.whatnot.node.rpc;

import org.jspecify.annotations.NullMarked;
