package io.whatnot.core.state.prune;

import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.PathException;
import io.whatnot.core.model.PruneCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.protocol.QueryCodec;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The policies of a namespace, as one who looks after it sees them. */
class PolicyListTest {
    private final Machine machine = new Machine().found(7);
    private final Client ann = machine.open("ann");

    private Result.PrunePolicies list(@Nullable String after, int limit) {
        return (Result.PrunePolicies)
                machine.ask(new Query.PrunePolicies("n", after == null ? null : AbsolutePath.parse(after), limit));
    }

    @Test
    void allAreToldInTheOrderOfPathsAlsoThoseOfTheRootAndOfPathsThatNobodyRegistered() {
        done(ann.in("m").prunePolicy("/other", 5_000));
        done(ann.prunePolicy("/b", 2_000, true));
        done(ann.prunePolicy("/b/x", 0));
        done(ann.prunePolicy("/", 3_000));
        done(ann.prunePolicy("/b-c", 1_000));
        Result.PrunePolicies policies = list(null, 10);
        assertThat(machine.words().answer(policies)).isEqualTo("""
                        / after 3000 ms
                        /b after 2000 ms without a value
                        /b/x never
                        /b-c after 1000 ms""");
        assertThat(policies.revision().value()).isEqualTo(machine.revision());
        done(ann.removePrunePolicy("/b"));
        assertThat(list(null, 10).policies()).hasSize(3);
    }

    @Test
    void theyAreToldInPagesOfWhichEachGoesOnAfterTheLastThoughThatIsGone() {
        for (int i = 0; i < 7; i++) {
            done(ann.prunePolicy("/" + i, 1_000));
        }
        assertThat(machine.words().answer(list(null, 3)))
                .isEqualTo("/0 after 1000 ms\n/1 after 1000 ms\n/2 after 1000 ms\nand more");
        done(ann.removePrunePolicy("/2"));
        assertThat(machine.words().answer(list("/2", 4)))
                .isEqualTo("/3 after 1000 ms\n/4 after 1000 ms\n/5 after 1000 ms\n/6 after 1000 ms");
        assertThat(list("/6", 3).policies()).isEmpty();
    }

    @Test
    void longPathsMakeAPageShorterSoThatItFitsIntoAFrameAndNoneIsLeftOut() {
        String deep = ("/" + "\u20ac".repeat(80)).repeat(16);
        for (int i = 0; i < PruneCommand.POLICIES_MAX; i++) {
            done(ann.prunePolicy(deep + "/" + i, 1_000));
        }
        List<String> told = new ArrayList<>();
        Result.PrunePolicies page;
        do {
            page = list(told.isEmpty() ? null : told.get(told.size() - 1), Query.PAGE_MAX);
            assertThat(ResultCodec.encode(page).getSerializedSize()).isLessThan(2 << 20);
            page.policies().forEach(policy -> told.add(policy.path().toString()));
        } while (page.more());
        assertThat(told).hasSize(PruneCommand.POLICIES_MAX).doesNotHaveDuplicates();
    }

    @Test
    void whereThereAreNoneNoneAreToldAndOfANamespaceThatIsNotThereItIsSaidSo() {
        assertThat(refused(ErrorCode.NO_SUCH_NAMESPACE, machine.ask(new Query.PrunePolicies("n", null, 1)))
                        .message())
                .contains("n");
        done(ann.createNamespace());
        assertThat(list(null, 1)).isEqualTo(new Result.PrunePolicies(revision(), List.of(), false));
    }

    private Revision revision() {
        return new Revision(machine.revision());
    }

    @Test
    void whatMakesNoSenseIsRefusedAndNamed() {
        assertThatThrownBy(() -> new Query.PrunePolicies("n", null, 0)).hasMessageContaining("limit is 0");
        assertThatThrownBy(() -> new Query.PrunePolicies("n", null, 1_001)).hasMessageContaining("limit is 1001");
        assertThatThrownBy(() -> new Query.PrunePolicies("N", null, 1)).hasMessageContaining("namespace \"N\"");
        V1.Read read = V1.Read.newBuilder()
                .setListPrunePolicies(V1.ListPrunePolicies.newBuilder()
                        .setNamespace("n")
                        .setAfter("p")
                        .setLimit(1))
                .build();
        assertThatThrownBy(() -> QueryCodec.decode(read)).isInstanceOf(PathException.class);
    }
}
