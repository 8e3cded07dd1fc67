package io.whatnot.node.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.client.WatchListener;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mirror objects to every event that does not follow from what it knows. */
final class MirrorTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Mirror mirror;

    @SuppressWarnings("NullAway.Init")
    private WatchListener listener;

    @BeforeEach
    void begin() throws IOException {
        mirror = new Mirror(new History(folder.resolve("history")), 1);
        listener = mirror.listener();
        listener.initialState(new Revision(5), List.of());
    }

    private void told(long revision, Change change, long version) {
        WatchEvent event = new WatchEvent(
                "faults",
                new Revision(revision),
                0,
                AbsolutePath.parse("/a"),
                change,
                Cause.REQUEST,
                new Actor("somebody", 1),
                0,
                Value.NONE,
                null,
                version,
                null,
                null,
                "");
        listener.events(new Revision(revision), List.of(event));
    }

    private List<String> violations() throws IOException {
        return Files.readAllLines(folder.resolve("history")).stream()
                .filter(line -> line.contains(" v "))
                .toList();
    }

    @Test
    void whatFollowsIsMirrored() throws IOException {
        told(6, Change.ADDED, 1);
        told(7, Change.EDITED, 2);
        assertThat(violations()).isEmpty();
        assertThat(mirror.contents()).containsValue(new Mirror.Content(2, 7));
        told(8, Change.DELETED, 2);
        assertThat(violations()).isEmpty();
        assertThat(mirror.contents()).isEmpty();
    }

    @Test
    void aMissingEventIsNoticed() throws IOException {
        told(6, Change.ADDED, 1);
        told(8, Change.EDITED, 3);
        assertThat(violations()).hasSize(1);
    }

    @Test
    void anEventThatComesTwiceIsNoticed() throws IOException {
        told(6, Change.ADDED, 1);
        told(6, Change.ADDED, 1);
        assertThat(violations()).isNotEmpty();
    }

    @Test
    void whatAnEarlierWatchStillTellsIsNotTaken() throws IOException {
        WatchListener earlier = listener;
        listener = mirror.listener();
        told(6, Change.ADDED, 1);
        earlier.initialState(new Revision(2), List.of());
        assertThat(violations()).isEmpty();
        assertThat(mirror.seen()).isEqualTo(6);
    }
}
