package io.whatnot.node.raft;

import io.whatnot.node.raft.RaftMetadata.Membership;
import io.whatnot.node.raft.RaftMetadata.Voters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The file that a node's metadata is kept in; there is always a whole one, and a damaged one is told from it. */
final class MetadataFile {
    private static final String NAME = "raft-metadata";

    private final CheckedFile file;

    MetadataFile(Path folder) {
        this.file = new CheckedFile(
                folder.resolve(NAME),
                "It says what this node has voted for. Make it readable for this user",
                "This node does not know any more what it has voted for. Take it out of the cluster, remove its data"
                        + " folder, and add it again under a new name");
    }

    Path path() {
        return file.path();
    }

    /** What was written last; nothing if there never was anything.
     *
     * @throws IOException if the file can't be read, or is damaged */
    Optional<RaftMetadata> read() throws IOException {
        if (!Files.exists(file.path())) {
            return Optional.empty();
        }
        Map<String, String> values = file.read();
        try {
            return Optional.of(new RaftMetadata(
                    file.value(values, "cluster"),
                    file.value(values, "node"),
                    Long.parseLong(file.value(values, "incarnation")),
                    Long.parseUnsignedLong(file.value(values, "nonce"), 16),
                    founders(list(file.value(values, "founders"))),
                    file.truth(values, "voter"),
                    Long.parseLong(file.value(values, "term")),
                    file.value(values, "votedFor"),
                    new Voters(
                            Long.parseLong(file.value(values, "configurationTerm")),
                            Long.parseLong(file.value(values, "configurationIndex")),
                            list(file.value(values, "configuration")),
                            list(file.value(values, "configurationOld")),
                            list(values.getOrDefault("configurationLearners", ""))),
                    Long.parseLong(file.value(values, "epoch")),
                    Long.parseLong(file.value(values, "longestTtlMillis")),
                    membership(values)));
        } catch (NumberFormatException e) {
            throw file.damaged("a number in it is none: " + e.getMessage());
        }
    }

    /** Files that software without membership has written say nothing of it: their nodes were founders. */
    private Membership membership(Map<String, String> values) throws IOException {
        if (!values.containsKey("members")) {
            return new Membership(false, !file.value(values, "founders").isEmpty(), List.of());
        }
        List<RaftMember> known = new ArrayList<>();
        for (String text : list(file.value(values, "members"))) {
            String[] parts = text.split("[=/]", -1);
            if (parts.length != 3) {
                throw file.damaged("member \"" + text + "\" in it is none");
            }
            known.add(new RaftMember(parts[0], parts[1], parts[2]));
        }
        return new Membership(file.truth(values, "joined"), file.truth(values, "counted"), known);
    }

    private static String text(List<RaftMember> known) {
        return known.stream()
                .map(member -> member.name() + "=" + member.client() + "/" + member.raft())
                .collect(Collectors.joining(","));
    }

    private static List<String> list(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(",", -1));
    }

    private static Map<String, Long> founders(List<String> texts) {
        Map<String, Long> founders = new TreeMap<>();
        for (String text : texts) {
            int at = text.indexOf('@');
            founders.put(text.substring(at + 1), Long.parseUnsignedLong(text.substring(0, Math.max(0, at)), 16));
        }
        return founders;
    }

    private static String text(Map<String, Long> founders) {
        return new TreeMap<>(founders)
                .entrySet().stream()
                        .map(founder -> Long.toHexString(founder.getValue()) + "@" + founder.getKey())
                        .collect(Collectors.joining(","));
    }

    /** Replaces what was written; returns when it is on disk.
     *
     * @throws IOException if it can't be; what was written before is then still there */
    void write(RaftMetadata metadata) throws IOException {
        file.write("cluster=" + metadata.cluster() + "\n"
                + "node=" + metadata.node() + "\n"
                + "incarnation=" + metadata.incarnation() + "\n"
                + "nonce=" + Long.toHexString(metadata.nonce()) + "\n"
                + "founders=" + text(metadata.founders()) + "\n"
                + "voter=" + metadata.voter() + "\n"
                + "term=" + metadata.term() + "\n"
                + "votedFor=" + metadata.votedFor() + "\n"
                + "configurationTerm=" + metadata.configuration().term() + "\n"
                + "configurationIndex=" + metadata.configuration().index() + "\n"
                + "configuration=" + String.join(",", metadata.configuration().voters()) + "\n"
                + "configurationOld="
                + String.join(",", metadata.configuration().old()) + "\n"
                + "configurationLearners="
                + String.join(",", metadata.configuration().learners()) + "\n"
                + "epoch=" + metadata.epoch() + "\n"
                + "longestTtlMillis=" + metadata.longestTtlMillis() + "\n"
                + "joined=" + metadata.membership().joined() + "\n"
                + "counted=" + metadata.membership().counted() + "\n"
                + "members=" + text(metadata.membership().known()) + "\n");
    }
}
