package io.whatnot.core.state.lock;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Scope;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who holds and who waits, as one who looks for the reason sees it. */
class LockQueriesTest {
    private static final int FRAME_BYTES = 4 << 20;

    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");
    private final Client cid = machine.open("cid");

    @Test
    void ofAnElementThoseAreToldWhoLockItAlsoFromAbove() {
        ann.lock(prefix("/a"));
        cid.lock(element("/a-b"));
        ann.lock(element("/a/x/y"));
        assertThat(held(locks("/a/x", Scope.ELEMENT, 10))).containsExactly("ann.1 holds /a/**");
        assertThat(held(locks("/a", Scope.ELEMENT, 10))).containsExactly("ann.1 holds /a/**");
        assertThat(held(locks("/", Scope.ELEMENT, 10))).isEmpty();
    }

    @Test
    void ofAPrefixThoseBelowAreToldToo() {
        ann.lock(element("/a"));
        bob.lock(element("/a/x/y"), element("/z"));
        cid.lock(element("/a-b"));
        assertThat(held(locks("/a", Scope.PREFIX, 10))).containsExactly("ann.1 holds /a", "bob.1 holds /a/x/y");
        assertThat(held(locks("/", Scope.PREFIX, 10))).hasSize(3);
    }

    @Test
    void thoseWhoWaitAreToldInTheOrderOfTheirArrivalWithPlaceAndReason() {
        ann.lock(element("/a/x"));
        bob.lock(prefix("/a"));
        machine.pass(100);
        cid.lock(element("/a/x"));
        assertThat(machine.words().answer(locks("/a", Scope.PREFIX, 10))).isEqualTo("""
                        ann.1 holds /a/x since 0
                        bob.1 waits for /a/** since 0 in place 1: ann.1 holds /a/x
                        cid.1 waits for /a/x since 100 in place 2: ann.1 holds /a/x, bob.1 waits for /a/**""");
    }

    @Test
    void aLeaseOnSeveralTargetsIsToldOnce() {
        ann.lock(element("/a/x"), element("/a/y").shared());
        bob.lock(element("/a/x"), element("/a/y"));
        Result.Locks locks = locks("/a", Scope.PREFIX, 10);
        assertThat(held(locks)).containsExactly("ann.1 holds /a/x");
        assertThat(locks.waiting()).hasSize(1);
    }

    @Test
    void onlySoManyOfEitherKindAreTold() {
        for (String name : List.of("a", "b", "c")) {
            machine.open(name).lock(element("/" + name));
        }
        for (String name : List.of("x", "y", "z")) {
            machine.open(name).lock(prefix("/"));
        }
        Result.Locks locks = locks("/", Scope.PREFIX, 2);
        assertThat(held(locks)).containsExactly("a.1 holds /a", "b.1 holds /b");
        assertThat(locks.waiting().stream().map(waiting -> machine.words().blocker(waiting.request())))
                .containsExactly("x.1 waits for /**", "y.1 waits for /**");
        assertThat(locks.more()).isTrue();
        assertThat(locks("/", Scope.PREFIX, 3).more()).isFalse();
    }

    @Test
    void longPathsMakeItFewerSoThatTheAnswerFitsIntoAFrame() {
        String deep = ("/" + "\u20ac".repeat(80)).repeat(16);
        for (int i = 0; i < 400; i++) {
            granted(ann.as("a" + i).lock(element(deep + "/" + i)));
            queued(bob.as("b" + i).lock(element(deep + "/" + i)));
        }
        Result.Locks locks = locks("/", Scope.PREFIX, Query.PAGE_MAX);
        assertThat(locks.held()).hasSizeBetween(200, 399);
        assertThat(locks.waiting()).hasSizeBetween(100, 200);
        assertThat(locks.more()).isTrue();
        assertThat(ResultCodec.encode(locks).getSerializedSize()).isLessThan(FRAME_BYTES);
        assertThat(locks(deep + "/7", Scope.ELEMENT, Query.PAGE_MAX).more()).isFalse();
    }

    @Test
    void longPathsMakeFewerOfThoseWhoHoldAndWaitForAPool() {
        String deep = ("/" + "x".repeat(250)).repeat(16);
        machine.found(FeatureLevel.SEMAPHORE_POOLS);
        done(ann.send(new PoolCommand.Create("n", AbsolutePath.parse(deep), 400, true, false, 0)));
        for (int i = 0; i < 400; i++) {
            granted(ann.as("a" + i).claim(deep + "/" + i, 1));
        }
        for (int i = 0; i < 400; i++) {
            queued(bob.as("b" + i).claim(deep + "/" + i, 1));
        }
        Result.Pool pool = (Result.Pool) machine.ask(new Query.Pool("n", AbsolutePath.parse(deep), Query.PAGE_MAX));
        assertThat(pool.pool().orElseThrow().claims()).isEqualTo(400);
        assertThat(pool.held()).hasSizeBetween(100, 399);
        assertThat(pool.waiting()).hasSizeBetween(10, 399);
        assertThat(ResultCodec.encode(pool).getSerializedSize()).isLessThan(FRAME_BYTES);
    }

    @Test
    void whereNothingIsLockedNothingIsTold() {
        ann.createNamespace();
        assertThat(machine.words().answer(locks("/a", Scope.PREFIX, 10))).isEqualTo("no locks");
        assertThat(locks("/a", Scope.PREFIX, 10).revision().value()).isEqualTo(machine.revision());
    }

    @Test
    void ofANamespaceThatIsNotThereItIsSaidSo() {
        Query query = new Query.Locks("nowhere", AbsolutePath.ROOT, Scope.PREFIX, 10);
        refused(ErrorCode.NO_SUCH_NAMESPACE, machine.ask(query));
    }

    private List<String> held(Result.Locks locks) {
        return locks.held().stream().map(machine.words()::blocker).toList();
    }

    private Result.Locks locks(String path, Scope scope, int limit) {
        Result answer = machine.ask(new Query.Locks("n", AbsolutePath.parse(path), scope, limit));
        return answer instanceof Result.Locks locks ? locks : fail("no locks: " + answer);
    }
}
