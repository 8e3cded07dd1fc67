/** Clusters in containers: the image that conf/container builds, on a network that can be taken away. */
@NullMarked
package io.whatnot.node.containers;

import org.jspecify.annotations.NullMarked;
