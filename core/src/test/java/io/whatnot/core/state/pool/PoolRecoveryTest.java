package io.whatnot.core.state.pool;

import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Token;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.ImageReader;
import io.whatnot.core.state.ImageWriter;
import io.whatnot.core.state.Machine;
import io.whatnot.core.state.State;
import io.whatnot.core.testing.Invariants;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Claims that are reclaimed in a new epoch: who holds slots goes on holding them, though their pool be forgotten. */
class PoolRecoveryTest {
    private static final long RECOVERY = 4_000_000;

    private final Machine machine = new Machine().found(4);
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");
    private final Client cid = machine.open("cid");

    private static SessionCommand.Held held(Client client, Result.Granted granted, String path, long slots) {
        Target claim = Target.claim(AbsolutePath.parse(path), slots);
        return client.held(granted, 0, claim.servedBy(Objects.requireNonNull(granted.pool())));
    }

    private static boolean isKept(Result answer) {
        return answer instanceof Result.Reclaimed reclaimed
                && reclaimed.leases().stream().allMatch(Result.ReclaimedLease::held);
    }

    private void lose() {
        machine.forget().found(4).reform(7, RECOVERY);
    }

    private void recover() {
        machine.pass(machine.state().recoveringUntilMillis() - machine.now());
        assertThat(machine.state().isRecovering()).isFalse();
    }

    @Test
    void aClaimIsHeldOnWhenItsPoolIsForgottenAndCountsWhenSomebodyMakesItAnew() {
        done(ann.createPool("/p", 3, true, false));
        Result.Granted claim = granted(ann.claim("/p/x", 2));
        lose();
        assertThat(isKept(ann.reclaim(held(ann, claim, "/p/x", 2)))).isTrue();
        assertThat(machine.events()).containsExactly("CLAIMED 2 slots at /p/x of pool /p by ann");
        Client dan = machine.open("dan");
        machine.pass(3_000_000);
        ann.heartbeat();
        dan.heartbeat();
        recover();
        refused(ErrorCode.NO_SUCH_POOL, dan.claim("/p/x", 1));
        assertThat(dan.pool("/p").pool()).isEmpty();

        done(dan.createPool("/p", 3));

        assertThat(dan.pool("/p").pool().orElseThrow().used()).isEqualTo(2);
        granted(dan.claim("/p", 1));
        refused(ErrorCode.LOCK_TIMEOUT, dan.tryClaim("/p", 1));
    }

    @Test
    void aForgottenPoolLeavesNothingBehindWhenItsLastClaimEnds() {
        done(ann.createPool("/p", 3));
        Result.Granted claim = granted(ann.claim("/p", 2));
        lose();
        assertThat(isKept(ann.reclaim(held(ann, claim, "/p", 2)))).isTrue();
        Invariants.check(machine.state());
        done(ann.release(claim.id()));
        Invariants.check(machine.state());
        assertThat(machine.state().locks().pools().bytes()).isZero();
    }

    @Test
    void aClaimThatNoLongerFitsBesideThoseReclaimedIsLost() {
        done(ann.createPool("/p", 3));
        State survivor = machine.state();
        Result.Granted first = granted(ann.claim("/p", 2));
        done(ann.release(first.id()));
        Result.Granted second = granted(bob.claim("/p", 2));
        machine.fallBackTo(survivor).reform(7, RECOVERY);
        assertThat(isKept(bob.reclaim(held(bob, second, "/p", 2)))).isTrue();
        assertThat(isKept(ann.reclaim(held(ann, first, "/p", 2)))).isFalse();
        assertThat(ann.pool("/p").pool().orElseThrow().used()).isEqualTo(2);
    }

    @Test
    void whatIsRememberedButNotReclaimedStandsInNobodysWayAndEndsWithTheRecovery() {
        done(ann.createPool("/p", 2));
        LeaseId stale = granted(ann.claim("/p", 2)).id();
        State survivor = machine.state();
        done(ann.release(stale));
        Result.Granted claim = granted(bob.claim("/p", 2));
        machine.fallBackTo(survivor).reform(7, RECOVERY);

        assertThat(isKept(bob.reclaim(held(bob, claim, "/p", 2)))).isTrue();
        assertThat(ann.holds(stale)).isTrue();
        assertThat(isKept(ann.reclaim())).isTrue();
        assertThat(machine.events()).containsExactly("RELEASED 2 slots at /p by ann");
        assertThat(bob.pool("/p").pool().orElseThrow().used()).isEqualTo(2);
    }

    @Test
    void whileItRecoversNoClaimIsGrantedAndNoPoolMade() {
        done(ann.createPool("/p", 2));
        granted(ann.claim("/p", 2));
        LeaseId waits = queued(cid.lockWithin(2 * RECOVERY, Target.claim(AbsolutePath.parse("/p"), 1)))
                .id();
        State survivor = machine.state();
        machine.fallBackTo(survivor).reform(7, RECOVERY);
        refused(ErrorCode.RECOVERING, bob.claim("/p", 1));
        refused(ErrorCode.RECOVERING, bob.createPool("/q", 1));
        ann.reclaim();
        cid.reclaim(7, List.of(), List.of(waits.sequence()), false);
        assertThat(cid.waitsWith(waits)).isTrue();
        machine.pass(3_000_000);
        cid.heartbeat();
        recover();
        assertThat(cid.holds(waits)).isTrue();
    }

    @Test
    void aReclaimIsRefusedForNowAsLongAsTheClusterThatForgotItsLevelHasNotFoundItOut() {
        done(ann.createPool("/p", 3));
        Result.Granted claim = granted(ann.claim("/p", 2));
        machine.forget().reform(7, RECOVERY);
        refused(ErrorCode.RECOVERING, ann.reclaim(held(ann, claim, "/p", 2)));
        machine.found(4);
        assertThat(isKept(ann.reclaim(held(ann, claim, "/p", 2)))).isTrue();
    }

    @Test
    void aClaimIsReclaimedOnlyWithThePoolItIsServedBy() {
        assertThatThrownBy(() -> ann.held(
                        new Result.Granted(new LeaseId(ann.session(), 1), new Token(1), 0),
                        0,
                        Target.claim(AbsolutePath.ROOT, 1)))
                .hasMessageContaining("does not say of which pool");
    }

    // ---- images

    @Test
    void anImageHasPoolsClaimsAndTheLineInItsOrder() throws IOException {
        done(ann.createPool("/p", 3, true, false));
        LeaseId claim = granted(ann.claim("/p/x", 3)).id();
        queued(bob.claim("/p", 2));
        queued(cid.claim("/p", 1));
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        ImageWriter.write(machine.state(), image);

        machine.fallBackTo(ImageReader.read(new ByteArrayInputStream(image.toByteArray())));

        Invariants.check(machine.state());
        assertThat(ann.pool("/p/y").pool()).contains(new Result.PoolView(AbsolutePath.parse("/p"), 3, true, 3, 1, 2));
        done(ann.release(claim));
        assertThat(machine.events())
                .containsExactly(
                        "RELEASED 3 slots at /p/x of pool /p by ann",
                        "CLAIMED 2 slots at /p by bob",
                        "CLAIMED 1 slot at /p by cid");
    }
}
