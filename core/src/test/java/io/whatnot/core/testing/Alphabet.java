package io.whatnot.core.testing;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.PruneCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.SubPath;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * The names and values a workload is written in. Small, so that requests meet each other; and in it, now and then, what
 * is empty, longest, or sorts in a surprising way.
 */
public final class Alphabet {
    /** U+FFFD sorts below the emoji by code point, above it by UTF-16; "a-" sorts before "a/" as a text only. */
    private static final List<String> SECTIONS = List.of("a", "b", "c", "a-", "é", "\uFFFD", "😀", "B");

    private static final List<String> NAMESPACES = List.of("n", "n2", "0");

    private final SplittableRandom random;
    private final List<String> sections;
    private final int depthMax;
    private final int namespaces;
    private final int owners;
    private final int prefixPercent;
    private final int sharedPercent;
    private final int targetsMax;

    /** An alphabet drawn at random. */
    public Alphabet(SplittableRandom random) {
        this.random = random;
        this.sections = random.nextInt(4) == 0 ? SECTIONS : SECTIONS.subList(0, 1 + random.nextInt(3));
        this.depthMax = 1 + random.nextInt(3);
        this.namespaces = 1 + random.nextInt(random.nextBoolean() ? 1 : NAMESPACES.size());
        this.owners = random.nextInt(4);
        this.prefixPercent = oneOf(0, 10, 30, 60);
        this.sharedPercent = oneOf(0, 20, 50, 80);
        this.targetsMax = oneOf(1, 2, 3, 5);
    }

    String namespace() {
        return oneIn(200) ? "z".repeat(64) : NAMESPACES.get(random.nextInt(namespaces));
    }

    /** Mostly one of few paths. */
    public AbsolutePath path() {
        AbsolutePath path = AbsolutePath.ROOT;
        if (oneIn(200)) {
            int depth = AbsolutePath.DEPTH_MAX - random.nextInt(2);
            for (int i = 0; i < depth; i++) {
                path = path.resolve(SubPath.of(sections.get(0)));
            }
            return path;
        }
        int depth = oneIn(20) ? 0 : 1 + random.nextInt(depthMax);
        for (int i = 0; i < depth; i++) {
            path = path.resolve(SubPath.of(sections.get(random.nextInt(sections.size()))));
        }
        return oneIn(200) ? path.resolve(SubPath.of("x".repeat(SubPath.BYTES_MAX))) : path;
    }

    /** A path one or two sections below another. */
    AbsolutePath below(AbsolutePath path) {
        AbsolutePath below = path.resolve(SubPath.of(sections.get(random.nextInt(sections.size()))));
        return oneIn(3) && path.depth() < AbsolutePath.DEPTH_MAX - 2 ? below(below) : below;
    }

    /** The empty label, which makes an owner of its own, or one of few. */
    String owner() {
        int owner = random.nextInt(owners + 1);
        if (oneIn(200)) {
            return "o".repeat(Request.OWNER_MAX);
        }
        return owner == 0 ? "" : "owner" + owner;
    }

    /** Targets of different paths. */
    public List<Target> targets() {
        Map<AbsolutePath, Target> targets = new TreeMap<>();
        int count = oneIn(200) ? LeaseCommand.TARGETS_MAX : 1 + random.nextInt(targetsMax);
        for (int i = 0; i < count; i++) {
            Target target = new Target(
                    path(),
                    random.nextInt(100) < prefixPercent ? Scope.PREFIX : Scope.ELEMENT,
                    random.nextInt(100) < sharedPercent ? Mode.SHARED : Mode.EXCLUSIVE);
            targets.put(target.path(), target);
        }
        List<Target> list = new ArrayList<>(targets.values());
        for (int i = list.size() - 1; i > 0; i--) {
            list.add(list.remove(random.nextInt(i + 1)));
        }
        return list;
    }

    /** A claim of some slots, at times of as many as there can be. */
    public Target claim() {
        return Target.claim(path(), oneIn(50) ? Target.SLOTS_MAX : 1 + random.nextInt(4));
    }

    /** The size of a pool, often of one. */
    long poolSize() {
        return oneIn(50) ? Target.SLOTS_MAX : 1 + random.nextInt(oneIn(2) ? 2 : 6);
    }

    Scope scope() {
        return oneIn(3) ? Scope.ELEMENT : Scope.PREFIX;
    }

    String label() {
        return oneIn(10) ? "l".repeat(oneIn(10) ? LeaseCommand.LABEL_MAX : 1) : "";
    }

    /** A short value, or one about as long as may be. */
    Value value(int bytesMax) {
        if (oneIn(16)) {
            return Value.of(new byte[oneIn(10) || bytesMax < 1000 ? bytesMax + random.nextInt(2) : 0], "");
        }
        String contentType = oneIn(16) ? "t".repeat(Value.CONTENT_TYPE_MAX) : "text/plain";
        return Value.of(Integer.toString(random.nextInt(100)).getBytes(StandardCharsets.UTF_8), contentType);
    }

    /** A ttl, from the shortest to the longest; often 0, for none. */
    long ttlMillis(long max) {
        return random.nextBoolean() ? 0 : oneOf(LeaseCommand.TTL_MILLIS_MIN, 101, 150, 500, 2_000, 30_000, max);
    }

    /** How long until something is idle; mostly so short that it passes. */
    long idleAfterMillis() {
        return oneIn(8)
                ? PruneCommand.IDLE_AFTER_MILLIS_MAX
                : PruneCommand.IDLE_AFTER_MILLIS_MIN + random.nextInt(oneIn(2) ? 1 : 2_000);
    }

    /** How long to wait, from not at all to the longest. */
    long waitMillis() {
        return oneIn(3) ? 0 : oneOf(1, 50, 100, 1_000, 20_000, LeaseCommand.TTL_MILLIS_MAX);
    }

    /** A query of anything. */
    Query query() {
        String namespace = namespace();
        AbsolutePath path = path();
        return switch (random.nextInt(11)) {
            case 10 -> new Query.PrunePolicies(namespace, oneIn(2) ? null : path, 1 + random.nextInt(5));
            case 9 -> new Query.Pool(namespace, path, 1 + random.nextInt(10));
            case 8 -> new Query.Settings();
            case 0 -> new Query.Namespaces();
            case 1 -> new Query.Get(namespace, path);
            case 2 -> new Query.Closest(namespace, path);
            case 3, 4 -> {
                AbsolutePath after = path;
                if (path.depth() < 4 && oneIn(2)) {
                    after = below(path);
                }
                yield new Query.List(
                        namespace,
                        path,
                        oneIn(2),
                        oneIn(2),
                        after,
                        1 + random.nextInt(oneIn(16) ? Query.PAGE_MAX : 5),
                        0);
            }
            default -> new Query.Locks(namespace, path, scope(), 1 + random.nextInt(10));
        };
    }

    boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    private int oneOf(int... values) {
        return values[random.nextInt(values.length)];
    }

    private long oneOf(long... values) {
        return values[random.nextInt(values.length)];
    }
}
