/** The server for clients, and clients that do as they please. */
@NullMarked
package io.whatnot.node.rpc;

import org.jspecify.annotations.NullMarked;
