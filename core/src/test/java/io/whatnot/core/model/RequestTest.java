package io.whatnot.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RequestTest {
    private static final Command OPEN = new SessionCommand.Open(new Secret(1, 2), 10_000, "ann");
    private static final Command CLOSE = new SessionCommand.Close();
    private static final Command HEARTBEAT = new SessionCommand.Heartbeat();

    @Test
    void openAloneNeedsNoSession() {
        assertThat(new Request(0, 0, 0, List.of(), "", OPEN).session()).isZero();
        refused("names a session, but its command belongs to none", () -> new Request(7, 0, 0, List.of(), "", OPEN));
        refused("every command but open needs a session", () -> new Request(0, 1, 0, List.of(), "", CLOSE));
        refused("every command but open needs a session", () -> new Request(0, 0, 0, List.of(), "", HEARTBEAT));
    }

    @Test
    void whatDoesNoHarmWhenDoneTwiceHasNoSequence() {
        assertThat(new Request(7, 0, 0, List.of(), "", HEARTBEAT).sequence()).isZero();
        refused("open and heartbeat have no sequence", () -> new Request(7, 1, 0, List.of(), "", HEARTBEAT));
        refused("open and heartbeat have no sequence", () -> new Request(0, 1, 0, List.of(), "", OPEN));
    }

    @Test
    void everythingElseNeedsOne() {
        assertThat(new Request(7, 1, 0, List.of(), "", CLOSE).sequence()).isEqualTo(1);
        refused("needs a sequence", () -> new Request(7, 0, 0, List.of(), "", CLOSE));
    }

    @Test
    void noNumberIsNegative() {
        refused("session is -7", () -> new Request(-7, 1, 0, List.of(), "", CLOSE));
        refused("sequence is -1", () -> new Request(7, -1, 0, List.of(), "", CLOSE));
        refused("mark is -1", () -> new Request(7, 1, -1, List.of(), "", CLOSE));
    }

    @Test
    void onlyWhatWasAskedForBeforeIsCancelled() {
        assertThat(new Request(7, 2, 0, List.of(), "", new LeaseCommand.Cancel(1)))
                .isNotNull();
        refused("can't cancel 2", () -> new Request(7, 2, 0, List.of(), "", new LeaseCommand.Cancel(2)));
        refused("can't cancel 3", () -> new Request(7, 2, 0, List.of(), "", new LeaseCommand.Cancel(3)));
    }

    @Test
    void onlyWhatWasAskedForBeforeIsReleased() {
        assertThat(new Request(7, 2, 0, List.of(), "", new LeaseCommand.Release(1)))
                .isNotNull();
        refused("can't release 2", () -> new Request(7, 2, 0, List.of(), "", new LeaseCommand.Release(2)));
        refused("can't release 3", () -> new Request(7, 2, 0, List.of(), "", new LeaseCommand.Release(3)));
    }

    @Test
    void anOwnersLabelIsBoundedAndHasNoControlCharacters() {
        assertThat(new Request(7, 1, 0, List.of(), "x".repeat(128), CLOSE).owner())
                .hasSize(128);
        refused("owner has 129 characters", () -> new Request(7, 1, 0, List.of(), "x".repeat(129), CLOSE));
        refused("owner has a control character", () -> new Request(7, 1, 0, List.of(), "a\nb", CLOSE));
    }

    @Test
    void theEndsThatOneRequestAcknowledgesAreBounded() {
        List<Long> most = LongStream.range(0, 10_000).boxed().toList();
        assertThat(new Request(7, 1, 0, most, "", CLOSE).ended()).hasSize(10_000);
        List<Long> more = Collections.nCopies(10_001, 1L);
        refused("number of acknowledged ends", () -> new Request(7, 1, 0, more, "", CLOSE));
    }

    @Test
    void aRequestCantBeChangedOnceItIsMade() {
        List<Long> ended = new ArrayList<>(List.of(1L));
        Request request = new Request(7, 2, 0, ended, "", CLOSE);
        ended.add(2L);
        assertThat(request.ended()).containsExactly(1L);
        assertThatThrownBy(() -> request.ended().add(2L)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void anEntryCantBeChangedOnceItIsMadeAndMayHaveRequestsThatNobodyCanRead() {
        List<@Nullable Request> requests = new ArrayList<>();
        requests.add(null);
        Entry entry = new Entry(5, requests);
        requests.clear();
        assertThat(entry.requests()).hasSize(1).containsNull();
        assertThatThrownBy(() -> entry.requests().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aSecretIsNeverShown() {
        assertThat(new Request(0, 0, 0, List.of(), "", OPEN).toString())
                .contains("***")
                .doesNotContain("high");
    }

    private static void refused(String message, Runnable making) {
        assertThatIllegalArgumentException().isThrownBy(making::run).withMessageContaining(message);
    }
}
