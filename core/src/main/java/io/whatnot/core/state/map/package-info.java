/**
 * The ordered map that the whole state is made of: path-copying, so that holding a root is holding an image, with edits
 * in place as long as nobody else can have seen a node. Bagwell's and Hickey's transients, on a B+ tree.
 */
@NullMarked
package io.whatnot.core.state.map;

import org.jspecify.annotations.NullMarked;
