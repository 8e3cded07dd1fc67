package io.whatnot.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Revisions, tokens, and the names of leases: how they are read, written and ordered. */
class RevisionTest {
    @Test
    void theTop20BitsOfARevisionAreTheEpoch() {
        assertThat(new Revision(5).epoch()).isZero();
        assertThat(Revision.startOf(3)).isEqualTo(3L << 44);
        assertThat(new Revision(Revision.startOf(3) + 5).epoch()).isEqualTo(3);
        assertThat(new Revision((1L << 44) - 1).epoch()).isZero();
    }

    @Test
    void everyRevisionOfALaterEpochIsGreater() {
        assertThat(new Revision(Revision.startOf(1))).isGreaterThan(new Revision((1L << 44) - 1));
        assertThat(new Revision(2)).isGreaterThan(new Revision(1));
        assertThat(new Token(Revision.startOf(1))).isGreaterThan(new Token(7));
    }

    @Test
    void aRevisionAndATokenAreWrittenAsTheirNumber() {
        assertThat(new Revision(17)).hasToString("17");
        assertThat(new Token(17)).hasToString("17");
        assertThat(Revision.NONE.value()).isZero();
    }

    @Test
    void leasesSortBySessionThenBySequence() {
        List<LeaseId> ids =
                new ArrayList<>(List.of(new LeaseId(2, 1), new LeaseId(1, 10), new LeaseId(1, 9), new LeaseId(10, 0)));
        ids.sort(null);
        assertThat(ids).map(LeaseId::toString).containsExactly("1.9", "1.10", "2.1", "10.0");
    }

    @Test
    void anActorIsWrittenWithNameAndSession() {
        assertThat(new Actor("ann", 7)).hasToString("ann (7)");
        assertThat(new Actor("", 7)).hasToString("session (7)");
        assertThat(Actor.CLUSTER).hasToString("the cluster");
    }
}
