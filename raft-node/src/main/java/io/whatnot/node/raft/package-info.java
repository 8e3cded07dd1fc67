/**
 * The engine's log over JRaft: the only package that knows it. The log and its snapshots die with the process; term,
 * vote and configuration are on disk.
 *
 * <p>JRaft's messages travel over gRPC ({@link io.whatnot.node.raft.GrpcRaftRpcFactory}), so that nodes bind where they
 * are told to and no bytes from the network are ever deserialized by Java or Hessian.
 */
@NullMarked
package io.whatnot.node.raft;

import org.jspecify.annotations.NullMarked;
