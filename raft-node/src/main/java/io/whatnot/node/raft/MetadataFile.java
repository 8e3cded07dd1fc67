package io.whatnot.node.raft;

import io.whatnot.node.raft.RaftMetadata.Membership;
import io.whatnot.node.raft.RaftMetadata.Voters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/**
 * The file that a node's metadata is kept in: lines of {@code key=value} that a person can read, and a checksum. Written
 * beside, synced, and moved into place, so that there is always a whole one.
 */
final class MetadataFile {
    private static final String NAME = "raft-metadata";
    private static final String CHECKSUM = "crc32c=";

    private final Path file;

    MetadataFile(Path folder) {
        this.file = folder.resolve(NAME);
    }

    Path path() {
        return file;
    }

    /** What was written last; nothing if there never was anything.
     *
     * @throws IOException if the file can't be read, or is damaged */
    Optional<RaftMetadata> read() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String text;
        try {
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw damaged("it is no text");
        } catch (IOException e) {
            throw new IOException(
                    file + " can't be read: " + e.getMessage()
                            + ". It says what this node has voted for. Make it readable for this user",
                    e);
        }
        int end = text.lastIndexOf(CHECKSUM);
        if (end < 0 || !text.substring(end + CHECKSUM.length()).strip().equals(checksum(text.substring(0, end)))) {
            throw damaged("its checksum is wrong or missing");
        }
        Map<String, String> values = new TreeMap<>();
        for (String line : text.substring(0, end).lines().toList()) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                values.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        try {
            return Optional.of(new RaftMetadata(
                    value(values, "cluster"),
                    value(values, "node"),
                    Long.parseLong(value(values, "incarnation")),
                    Long.parseUnsignedLong(value(values, "nonce"), 16),
                    founders(list(value(values, "founders"))),
                    truth(values, "voter"),
                    Long.parseLong(value(values, "term")),
                    value(values, "votedFor"),
                    new Voters(
                            Long.parseLong(value(values, "configurationTerm")),
                            Long.parseLong(value(values, "configurationIndex")),
                            list(value(values, "configuration")),
                            list(value(values, "configurationOld")),
                            list(values.getOrDefault("configurationLearners", ""))),
                    Long.parseLong(value(values, "epoch")),
                    Long.parseLong(value(values, "longestTtlMillis")),
                    membership(values)));
        } catch (NumberFormatException e) {
            throw damaged("a number in it is none: " + e.getMessage());
        }
    }

    /** Files that software without membership has written say nothing of it: their nodes were founders. */
    private Membership membership(Map<String, String> values) throws IOException {
        if (!values.containsKey("members")) {
            return new Membership(false, !value(values, "founders").isEmpty(), List.of());
        }
        List<RaftMember> known = new ArrayList<>();
        for (String text : list(value(values, "members"))) {
            String[] parts = text.split("[=/]", -1);
            if (parts.length != 3) {
                throw damaged("member \"" + text + "\" in it is none");
            }
            known.add(new RaftMember(parts[0], parts[1], parts[2]));
        }
        return new Membership(truth(values, "joined"), truth(values, "counted"), known);
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

    private String value(Map<String, String> values, String key) throws IOException {
        String value = values.get(key);
        if (value == null) {
            throw damaged("it has no " + key);
        }
        return value;
    }

    private boolean truth(Map<String, String> values, String key) throws IOException {
        String value = value(values, key);
        if (!value.equals("true") && !value.equals("false")) {
            throw damaged(key + " is \"" + value + "\"");
        }
        return value.equals("true");
    }

    private IOException damaged(String how) {
        return new IOException(file + " is damaged: " + how
                + ". This node does not know any more what it has voted for. Take it out of the cluster, remove its data"
                + " folder, and add it again under a new name");
    }

    /** Replaces what was written; returns when it is on disk.
     *
     * @throws IOException if it can't be; what was written before is then still there */
    void write(RaftMetadata metadata) throws IOException {
        String text = "cluster=" + metadata.cluster() + "\n"
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
                + "members=" + text(metadata.membership().known()) + "\n";
        byte[] bytes = (text + CHECKSUM + checksum(text) + "\n").getBytes(StandardCharsets.UTF_8);
        Path beside = file.resolveSibling(NAME + ".new");
        try (FileChannel channel = FileChannel.open(
                beside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    private static String checksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(crc.getValue());
    }
}
