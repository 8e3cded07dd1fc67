package io.whatnot.node.config;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set. The name is the path in the YAML file, after {@code --} the flag, and in capitals with
 * underscores, after {@code WHATNOT_}, the environment variable. A flag wins over the environment, that over the file.
 */
enum Setting {
    CLUSTER("cluster", "whatnot", "The cluster's name. Nodes and clients of another are turned away."),
    NODE("node", null, "This node's name, one of those under nodes."),
    DATA("data", null, "A folder of this node's own, for the little that has to survive a restart."),
    LISTEN_CLIENT("listen.client", "", "Where this node listens for clients, host:port. Default: as under nodes."),
    LISTEN_RAFT("listen.raft", "", "Where this node listens for the other nodes, host:port. Default: as under nodes."),
    NODES(
            "nodes",
            null,
            "The nodes that found the cluster: id, client and raft (host:port each). In a flag or the environment:"
                    + " id=client/raft,id=client/raft,..."),
    INSECURE(
            "insecure",
            "false",
            "Must be true for a node to listen anywhere but on loopback: nobody who reaches it is kept out."),
    CONNECTIONS_MAX(
            "connectionsMax",
            "10000",
            "The most connections of clients at once; more are refused.",
            10,
            1_000_000,
            Unit.CONNECTIONS),
    QUEUE_LOG(
            "queueLog",
            "false",
            "Whether this node writes every step of every queue of locks and claims to its log, as whatnot.queue."),
    ELECTION_TIMEOUT(
            "raft.electionTimeoutMillis",
            "500",
            "After so long without a leader an election begins.",
            50,
            60_000,
            Unit.MILLIS),
    ELECTION_DELAY(
            "raft.electionDelayMillisMax",
            "200",
            "At random up to so much later, so that not all begin at once.",
            1,
            60_000,
            Unit.MILLIS),
    LOG(
            "raft.log",
            "memory",
            "Where the log is: memory, or rocksdb for log and snapshots on disk, so that the state outlives all nodes."),
    SNAPSHOT_ENTRIES(
            "raft.snapshotEntries",
            "100000",
            "After so many entries the log is cut by a snapshot.",
            100,
            Integer.MAX_VALUE,
            Unit.ENTRIES),
    SNAPSHOT_BYTES(
            "raft.snapshotBytes", "67108864", "Or after about so many bytes of them.", 1 << 16, 1L << 40, Unit.BYTES),
    LOG_BYTES_MAX(
            "raft.logBytesMax",
            "536870912",
            "With more than about so many bytes in the log no requests are taken but those that make room. At least three"
                    + " times raft.snapshotBytes.",
            1 << 20,
            1L << 40,
            Unit.BYTES),
    DIGEST_ENTRIES(
            "raft.digestEntries",
            "100000",
            "After so many entries the nodes compare their states, and one that differs from a majority stops. The same on"
                    + " all nodes.",
            100,
            Integer.MAX_VALUE,
            Unit.ENTRIES),
    JOIN(
            "join",
            "false",
            "Must be true for a node that comes to a cluster that is there, with an empty data folder, rather than found"
                    + " one: it waits until it is added. --join is short for it."),
    AUTOPILOT_DEAD(
            "autopilot.deadAfterMillis",
            "0",
            "A voter that has not answered for so long is replaced by a learner that has caught up; 0: never.",
            0,
            86_400_000,
            Unit.MILLIS);

    /** What a number counts, and what may be written behind it to count in larger steps. */
    enum Unit {
        CONNECTIONS("connections", ""),
        ENTRIES("entries", ""),
        MILLIS("milliseconds", "ms, s or min"),
        BYTES("bytes", "KiB, MiB or GiB");

        private final String plural;
        private final String steps;

        Unit(String plural, String steps) {
            this.plural = plural;
            this.steps = steps;
        }

        /** How many of it a step is; 0 if there is none of that name. */
        private long step(String name) {
            return switch (this) {
                case CONNECTIONS, ENTRIES -> 0;
                case MILLIS ->
                    switch (name) {
                        case "ms" -> 1;
                        case "s" -> 1_000;
                        case "min" -> 60_000;
                        default -> 0;
                    };
                case BYTES ->
                    switch (name) {
                        case "KiB" -> 1 << 10;
                        case "MiB" -> 1 << 20;
                        case "GiB" -> 1 << 30;
                        default -> 0;
                    };
            };
        }
    }

    /** The numbers that a setting may be. */
    record Range(long min, long max, Unit unit) {
        private static final Pattern NUMBER = Pattern.compile("([0-9]{1,18}) ?([A-Za-z]*)");

        /** The number that a text stands for; nothing if it is none or out of range. */
        OptionalLong parse(String text) {
            Matcher matcher = NUMBER.matcher(text);
            if (!matcher.matches()) {
                return OptionalLong.empty();
            }
            String name = matcher.group(2);
            long step = name.isEmpty() ? 1 : unit.step(name);
            long count = Long.parseLong(matcher.group(1));
            return step == 0 || count > max / step || count * step < min
                    ? OptionalLong.empty()
                    : OptionalLong.of(count * step);
        }

        /** For people: what to write. */
        String rule() {
            return "a whole number of " + unit.plural + " from " + min + " to " + max
                    + (unit.steps.isEmpty() ? "" : ", or one with " + unit.steps + " behind it");
        }
    }

    private final String key;
    private final @Nullable String fallback;
    private final String meaning;
    private final long min;
    private final long max;
    private final @Nullable Unit unit;

    Setting(String key, @Nullable String fallback, String meaning) {
        this(key, fallback, meaning, 0, 0, null);
    }

    Setting(String key, @Nullable String fallback, String meaning, long min, long max, @Nullable Unit unit) {
        this.key = key;
        this.fallback = fallback;
        this.meaning = meaning;
        this.min = min;
        this.max = max;
        this.unit = unit;
    }

    String key() {
        return key;
    }

    boolean isRequired() {
        return fallback == null;
    }

    String fallback() {
        return fallback == null ? "" : fallback;
    }

    String meaning() {
        return meaning;
    }

    /** The numbers that it may be; null if it is no number. */
    @Nullable
    Range range() {
        return unit == null ? null : new Range(min, max, unit);
    }

    String variable() {
        return "WHATNOT_"
                + key.replaceAll("([a-z])([A-Z])", "$1_$2").replace('.', '_').toUpperCase(Locale.ROOT);
    }
}
