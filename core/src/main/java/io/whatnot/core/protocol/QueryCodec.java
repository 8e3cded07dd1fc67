package io.whatnot.core.protocol;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Query;
import io.whatnot.core.protocol.v1.V1;

/** Queries, as clients send them. */
public final class QueryCodec {
    private QueryCodec() {}

    /** Puts a query into a read. */
    public static void put(V1.Read.Builder read, Query query) {
        if (query instanceof Query.Get get) {
            read.setGet(V1.Get.newBuilder()
                    .setNamespace(get.namespace())
                    .setPath(get.path().toString()));
        } else if (query instanceof Query.Closest closest) {
            read.setClosest(V1.Closest.newBuilder()
                    .setNamespace(closest.namespace())
                    .setPath(closest.path().toString()));
        } else if (query instanceof Query.List list) {
            read.setList(V1.List.newBuilder()
                    .setNamespace(list.namespace())
                    .setPath(list.path().toString())
                    .setRecursive(list.recursive())
                    .setValues(list.values())
                    .setAfter(list.after().toString())
                    .setLimit(list.limit())
                    .setView(list.view()));
        } else if (query instanceof Query.Namespaces) {
            read.setListNamespaces(V1.ListNamespaces.getDefaultInstance());
        } else if (query instanceof Query.Settings) {
            read.setListSettings(V1.ListSettings.getDefaultInstance());
        } else if (query instanceof Query.Locks locks) {
            read.setListLocks(V1.ListLocks.newBuilder()
                    .setNamespace(locks.namespace())
                    .setPath(locks.path().toString())
                    .setScope(CommonCodec.encode(locks.scope()))
                    .setLimit(locks.limit()));
        } else if (query instanceof Query.Pool pool) {
            read.setDescribePool(V1.DescribePool.newBuilder()
                    .setNamespace(pool.namespace())
                    .setPath(pool.path().toString())
                    .setLimit(pool.limit()));
        } else if (query instanceof Query.SessionTrace trace) {
            read.setTraceSession(V1.TraceSession.newBuilder()
                    .setSession(trace.session())
                    .setAfter(trace.after())
                    .setLimit(trace.limit()));
        } else if (query instanceof Query.PrunePolicies policies) {
            AbsolutePath after = policies.after();
            read.setListPrunePolicies(V1.ListPrunePolicies.newBuilder()
                    .setNamespace(policies.namespace())
                    .setAfter(after == null ? "" : after.toString())
                    .setLimit(policies.limit()));
        } else {
            throw new AssertionError(query);
        }
    }

    /**
     * The query in a read.
     *
     * @throws IllegalArgumentException if it breaks a rule of the model
     */
    public static Query decode(V1.Read read) {
        return switch (read.getQueryCase()) {
            case GET ->
                new Query.Get(
                        read.getGet().getNamespace(),
                        AbsolutePath.parse(read.getGet().getPath()));
            case CLOSEST ->
                new Query.Closest(
                        read.getClosest().getNamespace(),
                        AbsolutePath.parse(read.getClosest().getPath()));
            case LIST -> {
                V1.List list = read.getList();
                AbsolutePath path = AbsolutePath.parse(list.getPath());
                yield new Query.List(
                        list.getNamespace(),
                        path,
                        list.getRecursive(),
                        list.getValues(),
                        list.getAfter().isEmpty() ? path : AbsolutePath.parse(list.getAfter()),
                        list.getLimit(),
                        list.getView());
            }
            case LIST_NAMESPACES -> new Query.Namespaces();
            case LIST_SETTINGS -> new Query.Settings();
            case LIST_LOCKS -> {
                V1.ListLocks locks = read.getListLocks();
                yield new Query.Locks(
                        locks.getNamespace(),
                        AbsolutePath.parse(locks.getPath()),
                        CommonCodec.decode(locks.getScope()),
                        locks.getLimit());
            }
            case DESCRIBE_POOL -> {
                V1.DescribePool pool = read.getDescribePool();
                yield new Query.Pool(pool.getNamespace(), AbsolutePath.parse(pool.getPath()), pool.getLimit());
            }
            case TRACE_SESSION -> {
                V1.TraceSession trace = read.getTraceSession();
                yield new Query.SessionTrace(trace.getSession(), trace.getAfter(), trace.getLimit());
            }
            case LIST_PRUNE_POLICIES -> {
                V1.ListPrunePolicies policies = read.getListPrunePolicies();
                yield new Query.PrunePolicies(
                        policies.getNamespace(),
                        policies.getAfter().isEmpty() ? null : AbsolutePath.parse(policies.getAfter()),
                        policies.getLimit());
            }
            case QUERY_NOT_SET ->
                throw new IllegalArgumentException("the read has no query, or one that this version doesn't know");
        };
    }
}
