package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.node.raft.MembershipRules.Voter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When the voters may be changed. */
final class MembershipRulesTest {
    private static Voter well(String name) {
        return new Voter("raft of " + name, name, true, false);
    }

    private static Voter amnesiac(String name) {
        return new Voter("raft of " + name, name, true, true);
    }

    private static Voter silent(String name) {
        return new Voter("raft of " + name, name, false, false);
    }

    @Test
    void whereAllAnswerAndRememberVotersComeAndGo() {
        List<Voter> voters = List.of(well("n1"), well("n2"), well("n3"));

        assertThat(MembershipRules.addition(voters)).isNull();
        assertThat(MembershipRules.removal(voters, "raft of n2")).isNull();
    }

    @Test
    void nobodyComesWhileAVoterIsWithoutItsMemoryOrDoesNotAnswer() {
        assertThat(MembershipRules.addition(List.of(well("n1"), amnesiac("n2"), well("n3"))))
                .startsWith("n2 has lost its memory");
        assertThat(MembershipRules.addition(List.of(well("n1"), well("n2"), silent("n3"))))
                .startsWith("n3 does not answer");
    }

    @Test
    void whoIsWithoutMemoryOrDeadMayGoItself() {
        assertThat(MembershipRules.removal(List.of(well("n1"), well("n2"), silent("n3")), "raft of n3"))
                .isNull();
        assertThat(MembershipRules.removal(List.of(well("n1"), well("n2"), amnesiac("n3")), "raft of n3"))
                .isNull();
    }

    @Test
    void nobodyElseGoesMeanwhile() {
        assertThat(MembershipRules.removal(List.of(well("n1"), well("n2"), silent("n3")), "raft of n2"))
                .startsWith("n3 does not answer");
        assertThat(MembershipRules.removal(List.of(well("n1"), well("n2"), amnesiac("n3")), "raft of n2"))
                .startsWith("n3 has lost its memory");
    }

    @Test
    void ofTwoDeadOnesOfFiveEachMayGo() {
        List<Voter> five = List.of(well("n1"), well("n2"), well("n3"), silent("n4"), silent("n5"));
        assertThat(MembershipRules.removal(five, "raft of n4")).isNull();
        assertThat(MembershipRules.removal(five.subList(0, 4), "raft of n4")).isNull();
    }

    @Test
    void aDeadOneDoesNotGoWhileOneThatAnswersIsWithoutMemory() {
        assertThat(MembershipRules.removal(
                        List.of(well("n1"), well("n2"), well("n3"), amnesiac("n4"), silent("n5")), "raft of n5"))
                .startsWith("n4 has lost its memory");
    }

    @Test
    void neverWouldThoseThatRemainBeWithoutAQuorum() {
        assertThat(MembershipRules.removal(
                        List.of(well("n1"), well("n2"), silent("n3"), silent("n4"), silent("n5")), "raft of n3"))
                .startsWith("of the 4 voters that would remain 2 answer, which is no majority")
                .contains("[n4, n5]");
    }
}
