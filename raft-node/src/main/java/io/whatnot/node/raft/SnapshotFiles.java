package io.whatnot.node.raft;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import io.whatnot.core.state.ImageReader;
import io.whatnot.core.state.ImageWriter;
import io.whatnot.core.state.State;
import io.whatnot.node.raft.RaftMetadata.Voters;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The files of a snapshot: the state's image, and where in the log it belongs. JRaft has the latter in a file of its own,
 * which has no checksum; a snapshot where the two differ is refused like one whose image is damaged.
 */
final class SnapshotFiles {
    private static final String IMAGE = "image";
    private static final String POSITION = "position";

    /** What {@link #write} writes. */
    static final List<String> NAMES = List.of(IMAGE, POSITION);

    private SnapshotFiles() {}

    /** @param sync whether it is to be on disk when this returns */
    static void write(State state, SnapshotMeta meta, Path folder, boolean sync) throws IOException {
        Path image = folder.resolve(IMAGE);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(image), 1 << 16)) {
            ImageWriter.write(state, out);
        }
        if (sync) {
            CheckedFile.sync(image);
        }
        position(folder).write(text(meta));
    }

    /** The state that a snapshot has.
     *
     * @param names what JRaft says are its files; one that an older version made has no position
     * @throws IOException if anything of it is missing or damaged
     * @throws io.whatnot.core.state.UnsupportedLevelException if it is of a feature level that this software doesn't know */
    static State read(SnapshotMeta meta, Path folder, Collection<String> names, int levelMax) throws IOException {
        if (!names.contains(IMAGE) || !NAMES.containsAll(names)) {
            throw new IOException("its files are said to be " + names + ", and should be " + NAMES);
        }
        if (names.contains(POSITION)) {
            CheckedFile position = position(folder);
            Map<String, String> values = position.read();
            String text = text(meta);
            for (String line : text.lines().toList()) {
                String key = line.substring(0, line.indexOf('='));
                if (!line.equals(key + "=" + position.value(values, key))) {
                    throw new IOException("its meta data are damaged: they say " + line + ", and should say " + key
                            + "=" + values.get(key));
                }
            }
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(folder.resolve(IMAGE)), 1 << 16)) {
            return ImageReader.read(in, levelMax);
        } catch (IOException e) {
            throw new IOException("its image is damaged or can't be read: " + e.getMessage(), e);
        }
    }

    private static CheckedFile position(Path folder) {
        return new CheckedFile(
                folder.resolve(POSITION),
                "It says where in the log the snapshot belongs",
                "It belongs to the snapshot");
    }

    private static String text(SnapshotMeta meta) {
        return "index=" + meta.getLastIncludedIndex() + "\n"
                + "term=" + meta.getLastIncludedTerm() + "\n"
                + "peers=" + String.join(",", meta.getPeersList()) + "\n"
                + "oldPeers=" + String.join(",", meta.getOldPeersList()) + "\n"
                + "learners=" + String.join(",", meta.getLearnersList()) + "\n"
                + "oldLearners=" + String.join(",", meta.getOldLearnersList()) + "\n";
    }

    /** The configuration as of a snapshot. */
    static Voters voters(SnapshotMeta meta) {
        return new Voters(
                meta.getLastIncludedTerm(),
                meta.getLastIncludedIndex(),
                endpoints(meta.getPeersList()),
                endpoints(meta.getOldPeersList()),
                endpoints(meta.getLearnersList()));
    }

    private static List<String> endpoints(List<String> peers) {
        return peers.stream()
                .map(peer -> PeerId.parsePeer(peer).getEndpoint().toString())
                .toList();
    }
}
