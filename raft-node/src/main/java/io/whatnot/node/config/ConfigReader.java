package io.whatnot.node.config;

import io.whatnot.core.wire.Endpoints;
import io.whatnot.node.config.NodeConfig.Member;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts a configuration together from file, environment and flags, and finds everything that is wrong with it at once. */
public final class ConfigReader {
    /**
     * A value and where it was set.
     *
     * @param text the value
     * @param origin for people: file and line, variable, or flag
     */
    record Raw(String text, String origin) {}

    private static final Set<Setting> EMPTY_IS_WRONG = EnumSet.of(Setting.CLUSTER, Setting.NODE, Setting.DATA);

    private final List<String> problems = new ArrayList<>();
    private final Map<Setting, Raw> values = new EnumMap<>(Setting.class);
    private final List<YamlSettings.NodeEntry> nodeEntries = new ArrayList<>();
    private boolean fresh;

    private ConfigReader() {}

    /**
     * The configuration that arguments and environment amount to.
     *
     * @param arguments {@code --config=FILE}, {@code --fresh}, {@code --join}, and {@code --NAME=VALUE} for every setting
     * @throws ConfigException if anything is wrong, with all that is
     */
    public static NodeConfig read(List<String> arguments, Map<String, String> environment) throws ConfigException {
        ConfigReader reader = new ConfigReader();
        reader.readFile(arguments);
        reader.readEnvironment(environment);
        reader.readFlags(arguments);
        NodeConfig config = reader.check();
        if (config == null || !reader.problems.isEmpty()) {
            throw new ConfigException(reader.problems);
        }
        return config;
    }

    /** What can be set, for a help text. */
    public static String describe() {
        StringBuilder text = new StringBuilder();
        for (Setting setting : Setting.values()) {
            Setting.Range range = setting.range();
            text.append(String.format(
                    "  --%s=...  (%s)%n      %s%s%s%n",
                    setting.key(),
                    setting.variable(),
                    setting.meaning(),
                    setting.isRequired()
                            ? " Required."
                            : setting.fallback().isEmpty() ? "" : " Default: " + setting.fallback() + ".",
                    range == null ? "" : " Write " + range.rule() + "."));
        }
        return text.toString();
    }

    // ---- sources

    private void readFile(List<String> arguments) {
        for (String argument : arguments) {
            if (argument.startsWith("--config=")) {
                YamlSettings.read(Path.of(argument.substring("--config=".length())), values, nodeEntries, problems);
            }
        }
    }

    private void readEnvironment(Map<String, String> environment) {
        for (Setting setting : Setting.values()) {
            String value = environment.get(setting.variable());
            if (value != null) {
                set(setting, new Raw(value, "environment variable " + setting.variable()));
            }
        }
    }

    private void readFlags(List<String> arguments) {
        for (String argument : arguments) {
            if (argument.equals("--fresh")) {
                fresh = true;
                continue;
            }
            if (argument.equals("--join")) {
                set(Setting.JOIN, new Raw("true", "flag --join"));
                continue;
            }
            int equals = argument.indexOf('=');
            if (!argument.startsWith("--") || equals < 0) {
                problems.add(
                        "argument \"" + argument + "\" is none that is known: write --NAME=VALUE, --fresh or --join");
                continue;
            }
            String key = argument.substring(2, equals);
            if (key.equals("config")) {
                continue;
            }
            Setting setting = find(key);
            if (setting == null) {
                problems.add("flag --" + key + " sets nothing that is known" + nearest(key));
            } else {
                set(setting, new Raw(argument.substring(equals + 1), "flag --" + key));
            }
        }
    }

    private void set(Setting setting, Raw raw) {
        values.put(setting, raw);
        if (setting == Setting.NODES) {
            nodeEntries.clear();
            parseNodes(raw);
        }
    }

    private void parseNodes(Raw raw) {
        for (String entry : raw.text.split(",", -1)) {
            int equals = entry.indexOf('=');
            int slash = entry.indexOf('/', equals + 1);
            if (equals <= 0 || slash < 0) {
                problems.add(raw.origin + ": \"" + entry + "\" is no node; write id=client/raft, as in"
                        + " n1=10.0.0.1:7400/10.0.0.1:7401");
                continue;
            }
            nodeEntries.add(new YamlSettings.NodeEntry(
                    entry.substring(0, equals),
                    entry.substring(equals + 1, slash),
                    entry.substring(slash + 1),
                    raw.origin));
        }
    }

    static @Nullable Setting find(String key) {
        return Arrays.stream(Setting.values())
                .filter(setting -> setting.key().equals(key))
                .findFirst()
                .orElse(null);
    }

    /** Whether there are settings below a name. */
    static boolean isSection(String key) {
        return Arrays.stream(Setting.values()).anyMatch(setting -> setting.key().startsWith(key + "."));
    }

    /** The known name that is most like a wrong one. */
    static String nearest(String key) {
        return Arrays.stream(Setting.values())
                .map(Setting::key)
                .min(Comparator.comparingInt(known -> distance(known, key)))
                .filter(known -> distance(known, key) <= 1 + key.length() / 3)
                .map(known -> "; did you mean " + known + "?")
                .orElse("; known are "
                        + String.join(
                                ", ",
                                Arrays.stream(Setting.values())
                                        .map(Setting::key)
                                        .toList()));
    }

    /** Levenshtein's, ignoring case. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                boolean same = Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
                int next = Math.min(Math.min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1));
                diagonal = row[j];
                row[j] = next;
            }
        }
        return row[b.length()];
    }

    // ---- checks

    private @Nullable NodeConfig check() {
        for (Setting setting : Setting.values()) {
            if (setting.isRequired() && !values.containsKey(setting)) {
                problems.add(setting.key() + " is not set: " + setting.meaning() + " Set it in the file, by --"
                        + setting.key() + "=... or by " + setting.variable());
            } else if (EMPTY_IS_WRONG.contains(setting) && text(setting).isEmpty()) {
                problems.add(origin(setting) + ": " + setting.key() + " is empty: " + setting.meaning() + " Give it a"
                        + " value");
            }
        }
        String cluster = name(Setting.CLUSTER);
        String node = name(Setting.NODE);
        List<Member> nodes = checkNodes();
        Member self = nodes.stream()
                .filter(member -> member.id().equals(node))
                .findFirst()
                .orElse(null);
        if (self == null && !node.isEmpty() && !nodes.isEmpty()) {
            problems.add(origin(Setting.NODE) + ": node is \"" + node + "\", but nodes has only "
                    + nodes.stream().map(Member::id).toList() + "; use one of these, or add it there");
        }
        Raw client = endpoint(Setting.LISTEN_CLIENT, self == null ? "" : self.client(), node);
        Raw raft = endpoint(Setting.LISTEN_RAFT, self == null ? "" : self.raft(), node);
        boolean both = values.containsKey(Setting.LISTEN_CLIENT) || values.containsKey(Setting.LISTEN_RAFT);
        if (both && !client.text.isEmpty() && client.text.equals(raft.text)) {
            problems.add(raft.origin + ": listen.client and listen.raft are both " + client.text
                    + "; give each a port of its own");
        }
        checkLoopback(client, raft);
        Path data = path();
        OptionalLong connectionsMax = number(Setting.CONNECTIONS_MAX);
        boolean queueLog = truth(Setting.QUEUE_LOG);
        OptionalLong electionTimeout = number(Setting.ELECTION_TIMEOUT);
        OptionalLong electionDelay = number(Setting.ELECTION_DELAY);
        OptionalLong snapshotEntries = number(Setting.SNAPSHOT_ENTRIES);
        OptionalLong snapshotBytes = number(Setting.SNAPSHOT_BYTES);
        OptionalLong logBytesMax = number(Setting.LOG_BYTES_MAX);
        OptionalLong digestEntries = number(Setting.DIGEST_ENTRIES);
        OptionalLong autopilotDead = number(Setting.AUTOPILOT_DEAD);
        boolean join = truth(Setting.JOIN);
        if (join && nodes.size() == 1) {
            problems.add(
                    origin(Setting.JOIN) + ": join is true, but nodes has this node alone; add a member of the cluster"
                            + " that it is to join");
        }
        if (join && fresh) {
            problems.add(
                    origin(Setting.JOIN) + ": join is true, and --fresh founds a new cluster: a node does the one or"
                            + " the other; leave one of them out");
        }
        if (!text(Setting.LOG).matches("memory|rocksdb")) {
            problems.add(origin(Setting.LOG) + ": raft.log is \"" + text(Setting.LOG) + "\"; write memory or rocksdb");
        }
        if (snapshotBytes.isPresent()
                && logBytesMax.isPresent()
                && logBytesMax.getAsLong() < 3 * snapshotBytes.getAsLong()) {
            problems.add(origin(Setting.LOG_BYTES_MAX) + ": raft.logBytesMax is " + logBytesMax.getAsLong()
                    + ", but must be at least three times raft.snapshotBytes, which is " + snapshotBytes.getAsLong()
                    + " ("
                    + origin(Setting.SNAPSHOT_BYTES) + "), for the log is cut at the snapshot before the last; raise"
                    + " the one or lower the other");
        }
        if (!problems.isEmpty() || data == null) {
            return null;
        }
        return new NodeConfig(
                cluster,
                node,
                data,
                client.text,
                raft.text,
                nodes,
                (int) connectionsMax.orElseThrow(),
                queueLog,
                (int) electionTimeout.orElseThrow(),
                (int) electionDelay.orElseThrow(),
                snapshotEntries.orElseThrow(),
                snapshotBytes.orElseThrow(),
                logBytesMax.orElseThrow(),
                text(Setting.LOG).equals("rocksdb"),
                digestEntries.orElseThrow(),
                autopilotDead.orElseThrow(),
                fresh,
                join);
    }

    private List<Member> checkNodes() {
        List<Member> nodes = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        Set<String> endpoints = new HashSet<>();
        for (YamlSettings.NodeEntry entry : nodeEntries) {
            if (!entry.id().matches(NAME)) {
                problems.add(entry.origin() + ": the node's id is \"" + entry.id() + "\"; " + NAME_RULE);
            }
            if (!ids.add(entry.id())) {
                problems.add(entry.origin() + ": there are two nodes \"" + entry.id() + "\"; give each its own name");
            }
            for (String endpoint : List.of(entry.client(), entry.raft())) {
                String wrong = wrongEndpoint(endpoint);
                if (wrong != null) {
                    problems.add(entry.origin() + ": node " + entry.id() + ": " + wrong);
                } else if (!endpoints.add(endpoint)) {
                    problems.add(entry.origin() + ": node " + entry.id() + ": " + endpoint
                            + " is taken by an endpoint before it; give each its own port");
                }
            }
            nodes.add(new Member(entry.id(), entry.client(), entry.raft()));
        }
        return nodes;
    }

    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";
    private static final String NAME_RULE = "a name is 1 to 63 of A-Z a-z 0-9 . _ - and starts with a letter or digit";

    private String name(Setting setting) {
        String text = text(setting);
        if (!text.isEmpty() && !text.matches(NAME)) {
            problems.add(origin(setting) + ": " + setting.key() + " is \"" + text + "\"; " + NAME_RULE);
        }
        return text;
    }

    /** What is set or, if nothing is, what stands with the node under nodes. */
    private Raw endpoint(Setting setting, String fallback, String node) {
        String text = text(setting);
        if (text.isEmpty()) {
            String origin = nodeEntries.stream()
                    .filter(entry -> entry.id().equals(node))
                    .map(YamlSettings.NodeEntry::origin)
                    .findFirst()
                    .orElse("by default");
            return new Raw(fallback, origin);
        }
        String wrong = wrongEndpoint(text);
        if (wrong != null) {
            problems.add(origin(setting) + ": " + setting.key() + ": " + wrong);
        }
        return new Raw(text, origin(setting));
    }

    private static @Nullable String wrongEndpoint(String text) {
        return Endpoints.isOne(text)
                ? null
                : "\"" + text + "\" is no endpoint; write host:port, with a port from 1 to 65535";
    }

    /** Nobody is kept out of a node, so it listens to this machine alone unless somebody says that he knows. */
    private void checkLoopback(Raw... endpoints) {
        boolean insecure = truth(Setting.INSECURE);
        for (Raw raw : endpoints) {
            String endpoint = raw.text;
            if (!insecure && !endpoint.isEmpty() && wrongEndpoint(endpoint) == null && !isLoopback(endpoint)) {
                problems.add(raw.origin + ": the node would listen at " + endpoint
                        + ", which is not this machine alone, and nobody is"
                        + " kept out of it: use 127.0.0.1, or set insecure to true if its network is safe");
            }
        }
    }

    private boolean truth(Setting setting) {
        String text = text(setting);
        if (!text.matches("true|false")) {
            problems.add(origin(setting) + ": " + setting.key() + " is \"" + text + "\"; write true or false");
        }
        return text.equals("true");
    }

    private static boolean isLoopback(String endpoint) {
        try {
            return InetAddress.getByName(endpoint.substring(0, endpoint.lastIndexOf(':')))
                    .isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private @Nullable Path path() {
        try {
            return text(Setting.DATA).isEmpty() ? null : Path.of(text(Setting.DATA));
        } catch (InvalidPathException e) {
            problems.add(origin(Setting.DATA) + ": data is no path: " + e.getMessage());
            return null;
        }
    }

    private OptionalLong number(Setting setting) {
        Setting.Range range = Objects.requireNonNull(setting.range());
        OptionalLong number = range.parse(text(setting));
        if (number.isEmpty()) {
            problems.add(
                    origin(setting) + ": " + setting.key() + " is \"" + text(setting) + "\"; write " + range.rule());
        }
        return number;
    }

    private String text(Setting setting) {
        Raw raw = values.get(setting);
        return raw != null ? raw.text : setting.fallback();
    }

    private String origin(Setting setting) {
        Raw raw = values.get(setting);
        return raw == null ? "by default" : raw.origin;
    }
}
