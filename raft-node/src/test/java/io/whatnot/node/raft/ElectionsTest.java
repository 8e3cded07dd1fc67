package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteResponse;
import io.whatnot.core.time.SystemScheduler;
import io.whatnot.node.raft.RaftMetadata.Voters;
import io.whatnot.node.raft.v1.RaftMessages.VoteTerms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which votes JRaft is shown, and when: those without condition at once, the others once all voters have granted theirs. */
final class ElectionsTest {
    private static final String A = "127.0.0.1:1";
    private static final String B = "127.0.0.1:2";
    private static final String C = "127.0.0.1:3";
    private static final String D = "127.0.0.1:4";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final SystemScheduler scheduler = new SystemScheduler("test");
    /** What JRaft is told, in order. */
    private final List<String> told = new ArrayList<>();

    private final List<String> fatal = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private MetadataStorage metadata;

    @BeforeEach
    void open() {
        RaftMetadata known = RaftMetadata.blank("shop", "n1", 7).founding(Map.of(A, 1L, B, 2L, C, 3L));
        metadata = new MetadataStorage(new MetadataFile(folder), known, fatal::add);
    }

    @AfterEach
    void close() {
        scheduler.close();
    }

    private Elections candidate(boolean amnesiac) {
        Amnesia amnesia = new Amnesia(metadata.metadata(), 1, !amnesiac, scheduler, 0);
        return new Elections(A, metadata, amnesia);
    }

    private static RequestVoteResponse vote(long term, boolean granted) {
        return RequestVoteResponse.newBuilder()
                .setTerm(term)
                .setGranted(granted)
                .build();
    }

    /** A vote as a voter with that disk would grant it. */
    private RequestVoteResponse granted(long term, boolean conditional, RaftMetadata disk) {
        MetadataStorage theirs = new MetadataStorage(new MetadataFile(folder), disk, fatal::add);
        Amnesia amnesia = new Amnesia(disk, 1, !conditional, scheduler, 0);
        return new Elections("other", theirs, amnesia).grant(vote(term, true), conditional);
    }

    private RequestVoteResponse granted(long term, boolean conditional) {
        return granted(term, conditional, metadata.metadata());
    }

    private RaftStream.Answer ask(Elections candidate, String voter, long term) throws RemotingException {
        return candidate.standing(
                voter,
                term,
                (@Nullable Object result, @Nullable Throwable failure) -> told.add(voter
                        + (result instanceof RequestVoteResponse vote
                                ? vote.getGranted() ? " yes" : " no"
                                : " failed")));
    }

    @Test
    void aVoteWithoutConditionIsShownAtOnce() throws Exception {
        Elections candidate = candidate(false);
        RaftStream.Answer b = ask(candidate, B, 5);
        ask(candidate, C, 5);

        b.complete(granted(5, false), null);

        assertThat(told).containsExactly(B + " yes");
        assertThat(candidate.won(5)).isNull();
        assertThat(candidate.wouldLeadByAll(5)).isFalse();
    }

    @Test
    void aConditionalVoteIsShownOnlyWhenAllHaveGrantedTheirs() throws Exception {
        Elections candidate = candidate(false);
        RaftStream.Answer b = ask(candidate, B, 5);
        RaftStream.Answer c = ask(candidate, C, 5);

        b.complete(granted(5, true), null);
        assertThat(told).isEmpty();
        c.complete(granted(5, true), null);

        assertThat(told).containsExactly(B + " yes", C + " yes");
        assertThat(candidate.wouldLeadByAll(5)).isTrue();
        assertThat(candidate.won(5)).isEqualTo(new Elections.Unanimous(5, 0));
        assertThat(candidate.won(6)).isNull();
    }

    @Test
    void aQuorumOfThoseWhoRememberNeedsNobodyElse() throws Exception {
        Elections candidate = candidate(false);
        RaftStream.Answer b = ask(candidate, B, 5);
        RaftStream.Answer c = ask(candidate, C, 5);

        c.complete(granted(5, true), null);
        b.complete(granted(5, false), null);

        assertThat(told).as("with its own that is two of three").containsExactly(B + " yes");
        assertThat(candidate.won(5)).isNull();
    }

    @Test
    void aCandidateWithoutMemoryIsShownNothingBeforeAllHaveGranted() throws Exception {
        Elections candidate = candidate(true);
        RaftStream.Answer b = ask(candidate, B, 5);
        RaftStream.Answer c = ask(candidate, C, 5);

        b.complete(granted(5, false), null);
        assertThat(told).isEmpty();
        c.complete(granted(5, true), null);

        assertThat(told).containsExactly(B + " yes", C + " yes");
        assertThat(candidate.won(5)).isNotNull();
    }

    @Test
    void oneRefusalKeepsConditionalVotesFromCountingForGood() throws Exception {
        Elections candidate = candidate(false);
        RaftStream.Answer b = ask(candidate, B, 5);
        RaftStream.Answer c = ask(candidate, C, 5);

        b.complete(granted(5, true), null);
        c.complete(vote(5, false), null);
        assertThat(told).containsExactly(C + " no");

        ask(candidate, B, 6);
        assertThat(told).as("handed over late, when JRaft is in another term").containsExactly(C + " no", B + " yes");
        assertThat(candidate.won(5)).isNull();
        assertThat(candidate.won(6)).isNull();
    }

    @Test
    void votesOfAnEarlierTermCountNothingInALater() throws Exception {
        Elections candidate = candidate(false);
        RaftStream.Answer b5 = ask(candidate, B, 5);
        ask(candidate, C, 5);
        ask(candidate, B, 6);
        RaftStream.Answer c6 = ask(candidate, C, 6);

        b5.complete(granted(5, true), null);
        c6.complete(granted(6, true), null);

        assertThat(told).isEmpty();
        assertThat(candidate.won(6)).isNull();
    }

    @Test
    void aVoterThatKnowsOfOthersWhoWereNotAskedVoidsTheVotesOfAll() throws Exception {
        Elections candidate = candidate(false);
        RaftStream.Answer b = ask(candidate, B, 5);
        RaftStream.Answer c = ask(candidate, C, 5);
        RaftMetadata knowsMore =
                metadata.metadata().withConfiguration(new Voters(4, 10, List.of(A, B, C, D), List.of(A, B, C)));

        b.complete(granted(5, true, knowsMore), null);
        c.complete(granted(5, true), null);

        assertThat(told).isEmpty();
        assertThat(candidate.won(5)).isNull();
    }

    @Test
    void aNewerConfigurationOfTheSameVotersVoidsNothing() throws Exception {
        Elections candidate = candidate(false);
        RaftStream.Answer b = ask(candidate, B, 5);
        RaftStream.Answer c = ask(candidate, C, 5);
        RaftMetadata later = metadata.metadata().withConfiguration(new Voters(4, 10, List.of(A, B, C), List.of()));

        b.complete(granted(5, true, later), null);
        c.complete(granted(5, true), null);

        assertThat(candidate.won(5)).isNotNull();
    }

    @Test
    void whileTwoConfigurationsHaveASayAllOfBothHaveToGrant() throws Exception {
        metadata.noteConfiguration(new Voters(4, 10, List.of(A, B, D), List.of(A, B, C)));
        Elections candidate = candidate(false);
        RaftStream.Answer b = ask(candidate, B, 5);
        RaftStream.Answer c = ask(candidate, C, 5);
        RaftStream.Answer d = ask(candidate, D, 5);

        b.complete(granted(5, true), null);
        c.complete(granted(5, true), null);
        assertThat(told).isEmpty();
        d.complete(granted(5, true), null);

        assertThat(told).containsExactly(B + " yes", C + " yes", D + " yes");
    }

    @Test
    void theLongestTtlIsThatOfAnyDisk() throws Exception {
        metadata.change(old -> old.withAtLeast(0, 16_384));
        Elections candidate = candidate(true);
        RaftStream.Answer b = ask(candidate, B, 5);
        RaftStream.Answer c = ask(candidate, C, 5);

        b.complete(granted(5, true, metadata.metadata().withAtLeast(0, 65_536)), null);
        c.complete(granted(5, true), null);

        assertThat(candidate.won(5)).isEqualTo(new Elections.Unanimous(5, 65_536));
    }

    @Test
    void aVoteWithoutTermsDoesNotCount() throws Exception {
        RaftStream.Answer b = ask(candidate(false), B, 5);

        b.complete(vote(5, true), null);

        assertThat(told).containsExactly(B + " no");
    }

    @Test
    void aVoteSaysWhatItsVoterKnows() {
        metadata.change(old -> old.withAtLeast(0, 32_768));
        metadata.noteConfiguration(new Voters(4, 10, List.of(A, B), List.of()));

        assertThat(Elections.terms(granted(5, true)))
                .isEqualTo(VoteTerms.newBuilder()
                        .setConditional(true)
                        .setConfigurationTerm(4)
                        .setConfigurationIndex(10)
                        .addAllConfiguration(List.of(A, B))
                        .setLongestTtlMillis(32_768)
                        .build());
    }

    @Test
    void theCandidatureIsOnDiskBeforeAnybodyIsAsked() throws Exception {
        ask(candidate(false), B, 5);

        assertThat(new MetadataFile(folder).read()).hasValueSatisfying(disk -> {
            assertThat(disk.term()).isEqualTo(5);
            assertThat(disk.votedFor()).isEqualTo(A);
        });
    }

    @Test
    void whereTheCandidatureCannotBeWrittenNobodyIsAsked() throws IOException {
        Files.createDirectory(folder.resolve("raft-metadata.new"));

        assertThatThrownBy(() -> ask(candidate(false), B, 5)).isInstanceOf(RemotingException.class);
        assertThat(fatal).hasSize(1);
    }

    @Test
    void theLossEndsWithTheEpochAndNotWithTheElection() throws Exception {
        Elections candidate = candidate(true);
        RaftStream.Answer b = ask(candidate, B, 5);
        RaftStream.Answer c = ask(candidate, C, 5);
        b.complete(granted(5, true), null);
        c.complete(granted(5, true), null);

        assertThat(candidate.won(5)).isNotNull();
        assertThat(candidate.hasBegun(0)).isFalse();
        assertThat(candidate.wouldLeadByAll(6))
                .as("deposed before, it wins by all again, or not at all")
                .isTrue();
        assertThat(candidate.hasBegun(5)).isTrue();
    }

    @Test
    void aVoterAloneThatHasLostItsMemoryLeadsByTheVotesOfAll() {
        assertThat(candidate(true).won(5)).isEqualTo(new Elections.Unanimous(5, 0));
        assertThat(candidate(false).won(5)).isNull();
    }
}
