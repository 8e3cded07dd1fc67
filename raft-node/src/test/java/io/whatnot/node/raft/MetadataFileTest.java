package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.node.raft.RaftMetadata.Membership;
import io.whatnot.node.raft.RaftMetadata.Voters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node keeps on disk is there whole or not at all. */
final class MetadataFileTest {
    private static final RaftMetadata SOME = new RaftMetadata(
            "shop",
            "n1",
            3,
            0xf00dL,
            Map.of("127.0.0.1:7401", 0xf00dL, "127.0.0.1:7411", -2L),
            true,
            42,
            "127.0.0.1:7401",
            new Voters(41, 7, List.of("127.0.0.1:7401", "127.0.0.1:7411"), List.of(), List.of("127.0.0.1:7421")),
            17,
            16_384,
            new Membership(true, true, List.of(new RaftMember("n4", "127.0.0.1:7430", "127.0.0.1:7431"))));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private MetadataFile file;

    @BeforeEach
    void open() {
        file = new MetadataFile(folder);
    }

    @Test
    void whereNothingWasWrittenNothingIsRead() throws IOException {
        assertThat(file.read()).isEmpty();
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        for (RaftMetadata metadata : List.of(
                SOME, RaftMetadata.blank("shop", "n1", -1), SOME.withVote(Long.MAX_VALUE, ""), SOME.started())) {
            file.write(metadata);

            assertThat(new MetadataFile(folder).read()).contains(metadata);
        }
    }

    @Test
    void aPersonCanReadIt() throws IOException {
        file.write(SOME);

        assertThat(Files.readAllLines(file.path()))
                .contains(
                        "cluster=shop", "node=n1", "term=42", "configuration=127.0.0.1:7401,127.0.0.1:7411", "epoch=17")
                .contains("nonce=f00d", "founders=f00d@127.0.0.1:7401,fffffffffffffffe@127.0.0.1:7411");
    }

    @Test
    void nothingElseIsLeftInTheFolder() throws IOException {
        file.write(SOME);
        file.write(SOME.started());

        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all).containsExactly(file.path());
        }
    }

    @Test
    void aWriteThatDidNotGetToItsEndLeavesWhatWasThereBefore() throws IOException {
        file.write(SOME);
        Files.writeString(folder.resolve("raft-metadata.new"), "cluster=sh");

        assertThat(file.read()).contains(SOME);
        file.write(SOME.withVote(43, ""));
        assertThat(file.read()).contains(SOME.withVote(43, ""));
    }

    @Test
    void aWriteThatFailsLeavesWhatWasThereBefore() throws IOException {
        file.write(SOME);
        Files.createDirectory(folder.resolve("raft-metadata.new"));

        assertThatThrownBy(() -> file.write(SOME.started())).isInstanceOf(IOException.class);
        assertThat(file.read()).contains(SOME);
    }

    @Test
    void anyByteThatIsAnotherIsNoticed() throws IOException {
        file.write(SOME);
        byte[] whole = Files.readAllBytes(file.path());
        int end = whole.length - 1; // the last line's end alone means nothing
        for (int i = 0; i < end; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 1;
            Files.write(file.path(), damaged);

            assertRefused("byte " + i);
        }
    }

    @Test
    void aFileThatIsCutAnywhereIsNoticed() throws IOException {
        file.write(SOME);
        byte[] whole = Files.readAllBytes(file.path());
        for (int length = 0; length < whole.length - 1; length++) {
            Files.write(file.path(), java.util.Arrays.copyOf(whole, length));

            assertRefused("length " + length);
        }
    }

    @Test
    void aFileOfZeroesIsNoticed() throws IOException {
        Files.write(file.path(), new byte[200]);

        assertRefused("zeroes");
    }

    private void assertRefused(String what) {
        assertThatThrownBy(() -> file.read())
                .as(what)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file.path() + " is damaged: ")
                .hasMessageEndingWith(
                        "Take it out of the cluster, remove its data folder, and add it again under a new" + " name");
    }

    @Test
    void whatLacksALineOrHasAWrongNumberIsNoticedThoughItsChecksumIsRight() throws IOException {
        file.write(SOME);
        String lines = Files.readString(file.path())
                .lines()
                .filter(line -> !line.startsWith("crc"))
                .reduce("", (all, line) -> all + line + "\n");

        writeWithChecksum(lines.replace("votedFor=127.0.0.1:7401\n", ""));
        assertThatThrownBy(() -> file.read()).hasMessageContaining("it has no votedFor");

        writeWithChecksum(lines.replace("term=42", "term=many"));
        assertThatThrownBy(() -> file.read())
                .hasMessageContaining("a number in it is none")
                .hasMessageContaining("many");

        writeWithChecksum(lines.replace("voter=true", "voter=perhaps"));
        assertThatThrownBy(() -> file.read()).hasMessageContaining("voter is \"perhaps\"");
    }

    private void writeWithChecksum(String lines) throws IOException {
        CRC32C crc = new CRC32C();
        crc.update(lines.getBytes(StandardCharsets.UTF_8));
        Files.writeString(file.path(), lines + "crc32c=" + Long.toHexString(crc.getValue()) + "\n");
    }
}
