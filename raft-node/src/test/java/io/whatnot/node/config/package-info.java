/** What a node's configuration may be, and what is said of one that is wrong. */
@NullMarked
package io.whatnot.node.config;

import org.jspecify.annotations.NullMarked;
