package io.whatnot.node.config;

import io.whatnot.node.config.ConfigReader.Raw;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads settings from a YAML file; each value remembers its line. */
final class YamlSettings {
    /** What an entry of the list of nodes has. */
    private static final List<String> FIELDS = List.of("id", "client", "raft");

    private static final int DEPTH_MAX = 20;

    private final Path file;
    private final Map<Setting, Raw> values;
    private final List<NodeEntry> nodes;
    private final List<String> problems;
    private final Set<String> seen = new HashSet<>();
    private final Set<Node> read = Collections.newSetFromMap(new IdentityHashMap<>());

    /** An entry of the list of nodes, as it is written. */
    record NodeEntry(String id, String client, String raft, String origin) {}

    private YamlSettings(Path file, Map<Setting, Raw> values, List<NodeEntry> nodes, List<String> problems) {
        this.file = file;
        this.values = values;
        this.nodes = nodes;
        this.problems = problems;
    }

    static void read(Path file, Map<Setting, Raw> values, List<NodeEntry> nodes, List<String> problems) {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            problems.add(file + " is not there; name another file with --config=");
            return;
        } catch (IOException e) {
            problems.add(file + " can't be read: " + e + "; name another file with --config=");
            return;
        }
        LoadSettings load = LoadSettings.builder().setLabel(file.toString()).build();
        try {
            Optional<Mark> tooDeep = tooDeep(new Parse(load).parseString(text));
            if (tooDeep.isPresent()) {
                problems.add(file + line(tooDeep.get()) + ": more than " + DEPTH_MAX + " lists and sections within each"
                        + " other; nothing that can be set is so deep");
                return;
            }
            new Compose(load)
                    .composeString(text)
                    .ifPresent(node -> new YamlSettings(file, values, nodes, problems).read(node, ""));
        } catch (MarkedYamlEngineException e) {
            problems.add(file + e.getProblemMark().map(YamlSettings::line).orElse("") + ": no YAML from here on: "
                    + e.getProblem() + "; mend the line, or the one before it");
        } catch (YamlEngineException e) {
            problems.add(file + " is no YAML: " + String.valueOf(e.getMessage()).replace('\n', ' '));
        } catch (IllegalArgumentException e) {
            // What the parser lets through of an escape that is cut short.
            problems.add(file + " is no YAML: an escape such as \\u0041 in it is none: " + e.getMessage());
        }
    }

    /** Where it becomes too deep for what reads it by recursion; nothing if it never does. */
    private static Optional<Mark> tooDeep(Iterable<Event> events) {
        int depth = 0;
        for (Event event : events) {
            if (event instanceof CollectionStartEvent && ++depth > DEPTH_MAX) {
                return event.getStartMark();
            } else if (event instanceof CollectionEndEvent) {
                depth--;
            }
        }
        return Optional.empty();
    }

    private void read(Node node, String prefix) {
        if (!(node instanceof MappingNode mapping)) {
            problems.add(origin(node) + ": expected names and values" + (prefix.isEmpty() ? "" : " under " + prefix));
            return;
        }
        if (node.isRecursive()) {
            problems.add(origin(node) + ": this is a part of itself; write it out");
            return;
        }
        if (!read.add(node)) {
            // Twice as much with each level, if there are two of the same on each.
            problems.add(origin(node) + ": this is here more than once, by an alias; write it out");
            return;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            String name = text(tuple.getKeyNode());
            String key = prefix + name;
            if (!seen.add(key)) {
                problems.add(origin(tuple.getKeyNode()) + ": " + key + " is set twice; leave one");
            }
            Setting setting = ConfigReader.find(key);
            if (setting == Setting.NODES) {
                readNodes(tuple.getValueNode());
            } else if (setting != null && tuple.getValueNode() instanceof ScalarNode scalar) {
                values.put(setting, new Raw(scalar.getValue(), origin(scalar)));
            } else if (setting != null) {
                problems.add(origin(tuple.getValueNode()) + ": " + key + " is to be a single value");
            } else if (tuple.getValueNode() instanceof MappingNode below
                    && (below.isRecursive() || !below.getValue().isEmpty())) {
                read(below, key + ".");
            } else if (!ConfigReader.isSection(key) || !isEmpty(tuple.getValueNode())) {
                problems.add(origin(tuple.getKeyNode()) + ": " + key + " is nothing that can be set"
                        + ConfigReader.nearest(key));
            }
        }
    }

    private void readNodes(Node node) {
        if (!(node instanceof SequenceNode sequence)) {
            problems.add(origin(node) + ": nodes is to be a list of entries with id, client and raft");
            return;
        }
        values.put(Setting.NODES, new Raw("", origin(node)));
        nodes.clear(); // those of another file
        if (sequence.getValue().isEmpty()) {
            problems.add(origin(node) + ": nodes is empty; write at least this node itself");
        }
        for (Node entry : sequence.getValue()) {
            if (!(entry instanceof MappingNode mapping)) {
                problems.add(origin(entry) + ": a node is to have id, client and raft");
                continue;
            }
            checkFields(mapping);
            String id = field(mapping, "id");
            String client = field(mapping, "client");
            String raft = field(mapping, "raft");
            if (id == null || client == null || raft == null) {
                problems.add(origin(entry) + ": a node has to have all of id, client and raft");
            } else {
                nodes.add(new NodeEntry(id, client, raft, origin(entry)));
            }
        }
    }

    private static @Nullable String field(MappingNode entry, String name) {
        return entry.getValue().stream()
                .filter(tuple -> text(tuple.getKeyNode()).equals(name))
                .findFirst()
                .map(tuple -> text(tuple.getValueNode()))
                .orElse(null);
    }

    private void checkFields(MappingNode entry) {
        Set<String> names = new HashSet<>();
        for (NodeTuple tuple : entry.getValue()) {
            String name = text(tuple.getKeyNode());
            if (!FIELDS.contains(name)) {
                problems.add(origin(tuple.getKeyNode()) + ": a node has id, client and raft, and no " + name
                        + "; leave it out");
            } else if (!names.add(name)) {
                problems.add(origin(tuple.getKeyNode()) + ": " + name + " is set twice; leave one");
            }
        }
    }

    /** Whether nothing is written there: a section whose settings are all commented out. */
    private static boolean isEmpty(Node node) {
        return node instanceof MappingNode
                || (node instanceof ScalarNode scalar && scalar.getValue().isEmpty());
    }

    private static String text(Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    private String origin(Node node) {
        return file + node.getStartMark().map(YamlSettings::line).orElse("");
    }

    private static String line(Mark mark) {
        return ":" + (mark.getLine() + 1);
    }
}
