package io.whatnot.core.model;

import org.jspecify.annotations.Nullable;

/** What a client may ask to read. Reads change nothing, wait for no lock, and are answered from one revision. */
public sealed interface Query {
    /** The most elements of a page. */
    int PAGE_MAX = 1_000;

    /**
     * One element: {@link Result.Found}.
     *
     * @param namespace where
     * @param path which
     */
    record Get(String namespace, AbsolutePath path) implements Query {
        public Get {
            Rules.namespace(namespace);
        }
    }

    /**
     * The deepest registered element on the way from the root to the path: {@link Result.Found}, never empty.
     *
     * @param namespace where
     * @param path the way
     */
    record Closest(String namespace, AbsolutePath path) implements Query {
        public Closest {
            Rules.namespace(namespace);
        }
    }

    /**
     * A page of the registered elements below a path, in the order of paths: {@link Result.Page}. All pages of a listing
     * are from one revision: the first asks for view 0, the others for the view the first was given, on the same node.
     *
     * @param namespace where
     * @param path what is listed lies below it
     * @param recursive everything below, or only the children
     * @param values whether values are told; else they are {@link Value#NONE}
     * @param after the path the last page ended with; {@code path} itself for the first
     * @param limit the most elements of the page, 1 to 1,000; large values make it shorter
     * @param view 0, or the view of the listing's first page
     */
    record List(
            String namespace,
            AbsolutePath path,
            boolean recursive,
            boolean values,
            AbsolutePath after,
            int limit,
            long view)
            implements Query {
        public List {
            Rules.namespace(namespace);
            Rules.between("limit", limit, 1, PAGE_MAX);
            if (!after.startsWith(path)) {
                throw new IllegalArgumentException("after is " + after + ", which is not below " + path);
            }
        }
    }

    /** All namespaces: {@link Result.Namespaces}. */
    record Namespaces() implements Query {}

    /**
     * The leases and the waiting requests that have to do with a path, also those of the pool that serves it:
     * {@link Result.Locks}.
     *
     * @param namespace where
     * @param path the path
     * @param scope those that overlap the element alone, or anything at or below it
     * @param limit the most of either kind, 1 to 1,000; long paths make it fewer
     */
    record Locks(String namespace, AbsolutePath path, Scope scope, int limit) implements Query {
        public Locks {
            Rules.namespace(namespace);
            Rules.between("limit", limit, 1, PAGE_MAX);
        }
    }

    /**
     * The pool that serves a path, its claims and who waits for it: {@link Result.Pool}, empty if none does.
     *
     * @param namespace where
     * @param path the path
     * @param limit the most claims, and the most of those who wait, 1 to 1,000; long paths make it fewer
     */
    record Pool(String namespace, AbsolutePath path, int limit) implements Query {
        public Pool {
            Rules.namespace(namespace);
            Rules.between("limit", limit, 1, PAGE_MAX);
        }
    }

    /**
     * What a session holds and waits for, in all namespaces: {@link Result.SessionTrace}. INVALID_ARGUMENT if there is no such
     * session.
     *
     * @param session which
     * @param after the request that the last page ended with; 0 for the first
     * @param limit the most leases and waiting requests of the page, 1 to 1,000; long paths make it shorter
     */
    record SessionTrace(long session, long after, int limit) implements Query {
        public SessionTrace {
            Rules.between("session", session, 1, Long.MAX_VALUE);
            Rules.notNegative("after", after);
            Rules.between("limit", limit, 1, PAGE_MAX);
        }
    }

    /**
     * The pruning policies of a namespace, in the order of paths: {@link Result.PrunePolicies}. Each page is of its own revision.
     *
     * @param namespace where
     * @param after the path that the last page ended with; null for the first page
     * @param limit the most policies of the page, 1 to 1,000; long paths make it shorter
     */
    record PrunePolicies(String namespace, @Nullable AbsolutePath after, int limit) implements Query {
        public PrunePolicies {
            Rules.namespace(namespace);
            Rules.between("limit", limit, 1, PAGE_MAX);
        }
    }

    /** The settings of the cluster, and how much of each limit is used: {@link Result.Settings}. */
    record Settings() implements Query {}
}
