package io.whatnot.client.internal;

import io.whatnot.client.Namespace;
import io.whatnot.client.Put;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import java.util.List;

/**
 * Deletes a subtree in as many steps as it takes. A step that would make too many events is tried on each child instead,
 * so whatever is small enough goes at once.
 */
final class TreeDeletion {
    private TreeDeletion() {}

    static long delete(Namespace namespace, AbsolutePath path) throws InterruptedException {
        try {
            return namespace.deleteRecursive(path.toString(), Put.with()).count();
        } catch (WhatnotException e) {
            if (e.code() == ErrorCode.NO_SUCH_ELEMENT || e.code() == ErrorCode.NO_SUCH_NAMESPACE) {
                return 0;
            }
            if (e.code() != ErrorCode.RESOURCE_EXHAUSTED) {
                throw e;
            }
        }
        long count = 0;
        List<ElementView> children = namespace.children(path.toString());
        for (ElementView child : children) {
            count += delete(namespace, child.path());
        }
        return count + delete(namespace, path);
    }
}
