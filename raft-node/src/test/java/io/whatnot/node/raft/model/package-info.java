/**
 * What a node that lost its memory may do (docs/amnesia.md), as a model that is explored: voters that crash, a network that forgets
 * nothing, and the promises, looked at in every state. Nothing of JRaft and no code of the node is in here.
 */
@NullMarked
package io.whatnot.node.raft.model;

import org.jspecify.annotations.NullMarked;
