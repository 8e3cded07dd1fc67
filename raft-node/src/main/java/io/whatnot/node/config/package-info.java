/** A node's configuration: what can be set, where it is set, and what is wrong with it. */
@NullMarked
package io.whatnot.node.config;

import org.jspecify.annotations.NullMarked;
