/**
 * A node of a cluster: {@link io.whatnot.node.WhatnotNode} puts the engine between a log over JRaft ({@code raft}) and
 * clients over gRPC ({@code rpc}), as the configuration says ({@code config}); {@link io.whatnot.node.NodeMain} is that
 * as a program.
 */
@NullMarked
package io.whatnot.node;

import org.jspecify.annotations.NullMarked;
