/** The registered elements of all namespaces: the trees, and the rules about what may be registered where. */
@NullMarked
package io.whatnot.core.state.tree;

import org.jspecify.annotations.NullMarked;
