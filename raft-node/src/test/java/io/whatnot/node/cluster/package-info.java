/** Whole clusters on loopback: in this JVM ({@link io.whatnot.node.cluster.TestCluster}) or as processes. */
@NullMarked
package io.whatnot.node.cluster;

import org.jspecify.annotations.NullMarked;
