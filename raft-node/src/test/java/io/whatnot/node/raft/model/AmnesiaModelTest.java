package io.whatnot.node.raft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.whatnot.node.raft.model.Bounds.Configuration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a node that lost its memory may do: every state within bounds, and what goes wrong where a rule is left out. Further with
 * {@code -Damnesia.terms=4 -Damnesia.entries=3 -Damnesia.crashes=3} (and {@code -Damnesia.states=}, where memory ends), and at
 * random with {@code -Damnesia.walks=} and {@code -Dseed=}. What it has found is in docs/amnesia.md.
 */
class AmnesiaModelTest {
    private static final long STATES = Long.getLong("amnesia.states", 20_000_000);
    private static final Bounds SMALL = Bounds.of(3, 3, 2, 2);
    private static final Set<Variation> NONE = Set.of();
    private static final Configuration ABC = new Configuration(0b0111, 0);
    private static final Configuration BC = new Configuration(0b0110, 0);
    private static final Configuration A = new Configuration(0b0001, 0);
    /** A is removed, by JRaft's way for one voter: without a joint configuration. */
    private static final Bounds ONE_IS_REMOVED = new Bounds(3, 2, 2, 2, List.of(ABC, BC));

    // ---- with all the rules

    static Stream<Bounds> bounds() {
        return Integer.getInteger("amnesia.terms") == null
                ? Stream.of(SMALL, Bounds.of(3, 3, 3, 1))
                : Stream.of(Bounds.of(
                        3,
                        Integer.getInteger("amnesia.terms"),
                        Integer.getInteger("amnesia.entries", 3),
                        Integer.getInteger("amnesia.crashes", 3)));
    }

    @ParameterizedTest
    @MethodSource("bounds")
    void threeVotersKeepEveryPromiseInEveryStateAndCanAlwaysElectALeaderAgain(Bounds bounds) {
        Exploration.Result result = Exploration.withRecovery(new Model(bounds, Set.of(), NONE), STATES);
        System.out.println(result.print());
        assertThat(result.broken()).as(result.print()).isNull();
        assertThat(result.isComplete() || Integer.getInteger("amnesia.terms") != null)
                .as("all states were looked at: %s", result.print())
                .isTrue();
        assertThat(result.recoveries()).isPositive();
    }

    @Test
    void whatIsCommittedIsLostWhereThatIsAllowedAndTheEmptyClusterIsReached() {
        Exploration.Result result = Exploration.withRecovery(new Model(Bounds.of(3, 2, 2, 3), Set.of(), NONE), STATES);
        System.out.println(result.print());
        assertThat(result.broken()).as(result.print()).isNull();
        assertThat(result.losses()).as("leaders that rightly lack something").isPositive();
        assertThat(result.empty())
                .as("states in which nobody remembers anything")
                .isPositive();
    }

    @Test
    void fiveVotersKeepEveryPromiseAtRandom() {
        long seed = Long.getLong("seed", System.nanoTime());
        int walks = Integer.getInteger("amnesia.walks", 1500);
        RandomWalks.Result result =
                RandomWalks.of(new Model(Bounds.of(5, 7, 7, 6), Set.of(), NONE), seed, walks, 150, true);
        System.out.println(result.print());
        assertThat(result.broken())
                .as("%s%nagain with -Dtest=AmnesiaModelTest -Dseed=%d", result.print(), seed)
                .isNull();
        assertThat(result.steps()).isGreaterThan(walks);
    }

    // ---- without one of them

    static Stream<Arguments> removedRules() {
        return Stream.of(
                arguments(Rule.TERM_ON_DISK, SMALL, 8, "two leaders in term 1"),
                arguments(Rule.VOTE_ON_DISK, SMALL, 9, "two leaders in term 1"),
                arguments(Rule.MARKER_ON_DISK, SMALL, 10, "was committed in term 1"),
                arguments(Rule.PRESENT_INCARNATION, Bounds.of(3, 2, 2, 3), 13, "was committed in term 1"),
                arguments(Rule.COMMIT_INDEX_IS_NOT_ENOUGH, Bounds.of(3, 2, 2, 2), 13, "was committed in term 1"),
                arguments(Rule.ANY_ENTRY_IS_NOT_ENOUGH, Bounds.of(3, 2, 2, 2), 12, "was committed in term 1"),
                arguments(Rule.GRANTS_OF_AMNESIACS_ARE_CONDITIONAL, SMALL, 10, "was committed in term 1"),
                arguments(Rule.OWN_VOTE_OF_AMNESIAC_IS_CONDITIONAL, SMALL, 10, "was committed in term 1"),
                arguments(Rule.CONDITIONAL_GRANT_IS_A_VOTE, SMALL, 13, "a voter still has"),
                arguments(Rule.AMNESIACS_COMPARE_LOGS, SMALL, 12, "a voter still has"),
                arguments(Rule.ALL_VOTERS, SMALL, 10, "was committed in term 1"),
                arguments(Rule.EPOCH_ENTRY, SMALL, 12, "no higher epoch"),
                arguments(Rule.EPOCH_IS_THE_TERM, SMALL, 11, "were both elected by all"),
                arguments(Rule.EPOCH_FIRST, SMALL, 15, "no higher epoch"),
                arguments(Rule.OLD_TAIL_IS_TOLD_UNDER_THE_NEW_EPOCH, SMALL, 19, "no higher epoch"),
                arguments(Rule.NEW_ID_FOR_A_WIPED_DISK, SMALL, 7, "two leaders in term 1"),
                arguments(
                        Rule.ONE_CHANGE_AT_A_TIME,
                        new Bounds(3, 2, 2, 1, List.of(ABC, A)),
                        11,
                        "was committed in term 1"));
    }

    @ParameterizedTest
    @MethodSource("removedRules")
    void withoutAnyOneRuleAPromiseIsBroken(Rule rule, Bounds bounds, int steps, String broken) {
        Exploration.Result result = Exploration.of(new Model(bounds, Set.of(rule), NONE), STATES);
        System.out.println("without " + rule + ": " + result.print());
        assertThat(result.broken()).contains(broken);
        assertThat(result.steps()).as(result.print()).isEqualTo(steps);
    }

    /** Rules that section 12 has and that nothing was found to depend on; larger bounds are in docs/amnesia.md. */
    @ParameterizedTest
    @EnumSource(
            value = Rule.class,
            names = {"CONDITIONAL_VOTE_ON_DISK", "REJOINED_NOT_BEFORE_START"})
    void nothingDependsOnARuleThatIsThereForCautionOnly(Rule rule) {
        Exploration.Result result = Exploration.of(new Model(Bounds.of(3, 3, 2, 1), Set.of(rule), NONE), STATES);
        System.out.println("without " + rule + ": " + result.print());
        assertThat(result.broken()).as(result.print()).isNull();
        assertThat(result.isComplete()).isTrue();
    }

    // ---- otherwise

    @ParameterizedTest
    @EnumSource(
            value = Variation.class,
            names = {"AMNESIAC_MAY_WIN_BY_QUORUM", "AMNESIACS_ACKNOWLEDGE_NOTHING"})
    void whatMayBeDoneOtherwiseKeepsThePromises(Variation variation) {
        Exploration.Result result =
                Exploration.withRecovery(new Model(Bounds.of(3, 3, 2, 1), Set.of(), Set.of(variation)), STATES);
        System.out.println("with " + variation + ": " + result.print());
        assertThat(result.broken()).as(result.print()).isNull();
        assertThat(result.isComplete()).isTrue();
    }

    @Test
    void aLeaderByAllThatIsFreeOfAmnesiaBeforeItsEpochIsInItsLogLeadsAgainInTheOldOne() {
        Exploration.Result result =
                Exploration.of(new Model(SMALL, Set.of(), Set.of(Variation.LEADERS_OWN_ENTRY_FIRST)), STATES);
        System.out.println(result.print());
        assertThat(result.broken()).contains("says so by no higher epoch");
        assertThat(result.steps()).as(result.print()).isEqualTo(14);
    }

    @Test
    void theLeadersOwnEntryMayComeFirstIfAmnesiaEndsWithTheEpoch() {
        Exploration.Result result = Exploration.of(
                new Model(
                        SMALL,
                        Set.of(),
                        Set.of(Variation.LEADERS_OWN_ENTRY_FIRST, Variation.FREE_OF_AMNESIA_BY_THE_EPOCH)),
                STATES);
        System.out.println(result.print());
        assertThat(result.broken()).as(result.print()).isNull();
        assertThat(result.isComplete()).isTrue();
    }

    // ---- memberships

    @Test
    void aLeaderThatCrashesWithAConfigurationOfItsOwnTakesAMinorityForAll() {
        Exploration.Result result = Exploration.of(new Model(ONE_IS_REMOVED, Set.of(), NONE), STATES);
        System.out.println(result.print());
        assertThat(result.broken()).contains("was committed in term 1");
        assertThat(result.steps()).as(result.print()).isEqualTo(11);
    }

    @Test
    void whereTheConfigurationBeforeTheLastCountsTooAChangeOfOneVoterKeepsThePromises() {
        Exploration.Result result = Exploration.of(
                new Model(ONE_IS_REMOVED, Set.of(), Set.of(Variation.PREVIOUS_CONFIGURATION_COUNTS)), STATES);
        System.out.println(result.print());
        assertThat(result.broken()).as(result.print()).isNull();
        assertThat(result.isComplete()).isTrue();
    }

    @Test
    void aConfigurationThatOneAmnesiacAloneKnowsOfLeavesNobodyToBeElected() {
        Exploration.Result result = Exploration.withRecovery(new Model(ONE_IS_REMOVED, Set.of(), NONE), STATES);
        System.out.println(result.print());
        assertThat(result.broken()).isEqualTo("nobody can be elected");
        assertThat(result.steps()).as(result.print()).isEqualTo(9);
    }
}
