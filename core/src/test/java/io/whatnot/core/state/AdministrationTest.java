package io.whatnot.core.state;

import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.registered;
import static io.whatnot.core.state.Answers.written;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Target;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdministrationTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");
    private final Client operator = machine.open("op");

    // ---- leases

    @Test
    void aRevokedLeaseHandsTheLockToTheNextInLineInTheSameRevision() {
        granted(ann.lock(Target.element("/a")));
        LeaseId lease = ann.last();
        queued(bob.lock(Target.element("/a")));

        done(operator.revoke(lease));

        assertThat(machine.revisions()).containsExactly(List.of("UNLOCKED /a by ann, ADMIN", "LOCKED /a by bob"));
        assertThat(bob.holds(bob.last())).isTrue();
    }

    @Test
    void theHolderOfARevokedLeaseIsToldSoAndAgainWhenItAsks() {
        granted(ann.lockFor(10_000, Target.element("/a")));
        LeaseId lease = ann.last();
        done(operator.revoke(lease));

        assertThat(machine.last().pushes()).hasSize(1);
        Result told = machine.last().pushes().get(0).result();
        assertThat(refused(ErrorCode.LEASE_LOST, told).detail()).isEqualTo(new Detail.Ended(Cause.ADMIN));
        assertThat(refused(ErrorCode.LEASE_LOST, ann.renew(lease)).detail()).isEqualTo(new Detail.Ended(Cause.ADMIN));
        refused(ErrorCode.STALE_TOKEN, ann.under(lease).put("/a", "1"));
    }

    @Test
    void aRevokedRequestLeavesTheLineAndLetsOthersPass() {
        granted(ann.lock(Target.element("/a/b")));
        queued(bob.lock(Target.prefix("/a")));
        LeaseId request = bob.last();
        queued(operator.lock(Target.element("/a/c")));
        LeaseId behind = operator.last();

        done(operator.revoke(request));

        assertThat(bob.waitsWith(request)).isFalse();
        assertThat(operator.holds(behind)).isTrue();
        refused(ErrorCode.LEASE_LOST, machine.last().pushes().get(0).result());
    }

    @Test
    void whatIsNotThereIsNotRevoked() {
        refused(ErrorCode.LEASE_LOST, operator.revoke(new LeaseId(ann.session(), 7)));
    }

    // ---- sessions

    @Test
    void withASessionThatIsEndedEverythingOfItEndsWithThatCauseInOneRevision() {
        granted(ann.lock(Target.element("/a")));
        written(ann.putEphemeral("/e", ""));
        queued(bob.lock(Target.element("/a")));

        done(operator.endSession(ann));

        assertThat(machine.revisions())
                .containsExactly(List.of("UNLOCKED /a by ann, ADMIN", "DELETED /e by ann, ADMIN", "LOCKED /a by bob"));
        refused(ErrorCode.SESSION_EXPIRED, ann.put("/x", ""));
    }

    @Test
    void theClientOfAnEndedSessionIsToldOnceAndWhy() {
        granted(ann.lock(Target.element("/a")));
        done(operator.endSession(ann));

        assertThat(machine.last().pushes()).hasSize(1);
        assertThat(machine.last().pushes().get(0).id()).isEqualTo(new LeaseId(ann.session(), 0));
        assertThat(refused(
                                ErrorCode.SESSION_EXPIRED,
                                machine.last().pushes().get(0).result())
                        .detail())
                .isEqualTo(new Detail.Ended(Cause.ADMIN));
    }

    @Test
    void anEndIsNeverRefusedHoweverManyEventsItMakes() {
        ann.putEphemeral("/a", "");
        ann.putEphemeral("/b", "");
        machine.with(Limits.EVENTS.max(1));

        done(operator.endSession(ann));

        assertThat(machine.events()).hasSize(2);
    }

    @Test
    void aSessionThatIsNotThereIsNotTakenForTheOperatorsOwn() {
        done(operator.endSession(ann));
        refused(ErrorCode.INVALID_ARGUMENT, operator.endSession(ann));
        written(operator.put("/still", "there"));
    }

    @Test
    void anOperatorMayEndItsOwnSession() {
        done(operator.endSession(operator));
        assertThat(machine.state().sessions().get(operator.session())).isNull();
    }

    // ---- namespaces

    @Test
    void aNamespaceIsDroppedByForceThoughOthersHoldLocksInIt() {
        granted(ann.lock(Target.element("/a")));
        LeaseId held = ann.last();
        ann.put("/a", "1");
        queued(bob.lock(Target.element("/a")));
        refused(ErrorCode.LOCKED, operator.dropNamespace());

        done(operator.dropByForce());

        assertThat(machine.revisions())
                .containsExactly(List.of("UNLOCKED /a by ann, ADMIN", "DELETED /a by op, ADMIN"));
        assertThat(machine.state().elements().hasNamespace("n")).isFalse();
        assertThat(machine.last().dropped()).hasSize(1);
        assertThat(machine.pushes()).hasSize(2);
        assertThat(ann.holds(held)).isFalse();
        assertThat(bob.waitsWith(bob.last())).isFalse();
    }

    @Test
    void aDropByForceCountsTheEventsOfLeasesToo() {
        ann.put("/a", "1");
        granted(ann.lock(Target.element("/a"), Target.element("/b")));
        machine.with(Limits.EVENTS.max(2));
        refused(ErrorCode.RESOURCE_EXHAUSTED, operator.dropByForce());

        machine.with(Limits.EVENTS.max(3));
        done(operator.dropByForce());
    }

    @Test
    void whatIsNotThereIsNotDroppedByForce() {
        refused(ErrorCode.NO_SUCH_NAMESPACE, operator.dropByForce());
    }

    // ---- settings

    @Test
    void aSettingHoldsFromTheNextCommandOnAndTakesARevision() {
        long before = machine.revision();
        assertThat(done(operator.set("valueBytesMax", 3)).revision().value()).isEqualTo(before + 1);

        written(ann.put("/a", "123"));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.put("/a", "1234"));
    }

    @Test
    void setToWhatItIsItTakesNoRevision() {
        done(operator.set("sessionsMax", 10));
        long before = machine.revision();
        done(operator.set("sessionsMax", 10));
        assertThat(machine.revision()).isEqualTo(before);
    }

    @Test
    void aSettingThatIsNotThereIsRefusedWithThoseThatAre() {
        assertThat(refused(ErrorCode.INVALID_ARGUMENT, operator.set("noSuch", 1))
                        .message())
                .contains("noSuch", "elementsMax", "stateBytesMax");
    }

    @Test
    void aValueOutOfRangeIsRefusedWithTheRange() {
        assertThat(refused(ErrorCode.INVALID_ARGUMENT, operator.set("valueBytesMax", (1 << 20) + 1))
                        .message())
                .contains("valueBytesMax", "from 1 to 1048576");
        refused(ErrorCode.INVALID_ARGUMENT, operator.set("valueBytesMax", 0));
        refused(ErrorCode.INVALID_ARGUMENT, operator.set("namespacesByUse", 2));
    }

    @Test
    void ofSeveralSettingsAllAreChangedOrNone() {
        Settings before = machine.state().settings();
        refused(
                ErrorCode.INVALID_ARGUMENT,
                operator.send(new AdminCommand.ChangeSettings(List.of(
                        new AdminCommand.Setting("elementsMax", 5), new AdminCommand.Setting("eventsMax", 0)))));
        assertThat(machine.state().settings()).isEqualTo(before);

        done(operator.send(new AdminCommand.ChangeSettings(
                List.of(new AdminCommand.Setting("elementsMax", 5), new AdminCommand.Setting("eventsMax", 7)))));
        assertThat(machine.state().settings().elementsMax()).isEqualTo(5);
        assertThat(machine.state().settings().eventsMax()).isEqualTo(7);
    }

    @Test
    void settingsOfRatesAreThereFromTheirLevelOn() {
        String unknown =
                refused(ErrorCode.INVALID_ARGUMENT, operator.set("noSuch", 1)).message();
        assertThat(refused(ErrorCode.INVALID_ARGUMENT, operator.set("pathRate", 1))
                        .message())
                .as("what software says that never heard of them")
                .isEqualTo(unknown.replace("noSuch", "pathRate"));
        assertThat(unknown).endsWith("namespacesByUse");

        done(operator.raiseLevel(FeatureLevel.RATE_LIMITS));
        done(operator.set("pathRate", 1));
        assertThat(setting("pathRate").value()).isEqualTo(1);
        refused(ErrorCode.INVALID_ARGUMENT, operator.set("pathRate", -1));
        refused(ErrorCode.INVALID_ARGUMENT, operator.set("pathRate", 1_000_001));
        assertThat(machine.state().settings().rates()).isEqualTo(new Rates(0, 0, 0, 0, 1, 0, 0));
    }

    @Test
    void whatIsSaidToBeASettingOfRatesIsOne() {
        assertThat(Arrays.stream(Setting.values()).map(Setting::text)).containsAll(FeatureLevel.RATE_SETTINGS);
        for (String name : FeatureLevel.RATE_SETTINGS) {
            assertThat(FeatureLevel.neededBy(
                            new AdminCommand.ChangeSettings(List.of(new AdminCommand.Setting(name, 1)))))
                    .isEqualTo(FeatureLevel.RATE_LIMITS);
        }
    }

    @Test
    void everySettingCanBeSetToItsLeastAndToItsMost() {
        done(operator.raiseLevel(FeatureLevel.RATE_LIMITS));
        for (Setting setting : Setting.values()) {
            for (long value : new long[] {setting.min(), setting.max()}) {
                done(operator.set(setting.text(), value));
                assertThat(setting.in(machine.state().settings()))
                        .as("%s", setting)
                        .isEqualTo(value);
            }
        }
    }

    @Test
    void whatIsThereStaysBeyondALoweredLimit() {
        ann.put("/a", "1");
        ann.put("/b", "1");
        done(operator.set("elementsMax", 1));
        written(ann.put("/a", "2"));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.put("/c", "1"));
    }

    @Test
    void settingsAreReadWithHowMuchOfThemIsUsed() {
        registered(ann.registerUnique("/a", "1"));
        assertThat(setting("namespacesMax").used()).hasValue(1);
        assertThat(setting("elementsMax").used()).hasValue(3);
        assertThat(setting("sessionsMax").used()).hasValue(3);
        assertThat(setting("stateBytesMax").used()).hasValue(machine.state().bytes());
        assertThat(setting("valueBytesMax").used()).isEmpty();
        assertThat(setting("valueBytesMax").value()).isEqualTo(64 << 10);
    }

    private Result.SettingView setting(String name) {
        return machine.ask(new Query.Settings()) instanceof Result.Settings settings
                ? settings.settings().stream()
                        .filter(setting -> setting.name().equals(name))
                        .findFirst()
                        .orElseThrow()
                : fail("no settings");
    }

    // ---- what a bug left behind

    @Test
    void whatABrokenDeadlineShouldHaveEndedIsEndedByRevoking() {
        granted(ann.lockFor(1_000, Target.element("/a")));
        LeaseId lease = ann.last();
        machine.plant(state -> state.breakDeadline(LockExecutor.deadlineOf(requireNonNull(state.locks.lease(lease)))));
        machine.pass(2_000);
        assertThat(ann.holds(lease)).isTrue();

        done(operator.revoke(lease));

        assertThat(ann.holds(lease)).isFalse();
        assertThat(machine.state().broken).isEmpty();
    }

    @Test
    void aRequestWhoseDeadlineBrokeIsTakenOutOfLineByRevoking() {
        granted(ann.lock(Target.element("/a")));
        queued(bob.lockWithin(1_000, Target.element("/a")));
        LeaseId request = bob.last();
        machine.plant(
                state -> state.breakDeadline(LockExecutor.deadlineOf(requireNonNull(state.locks.waiting(request)))));
        machine.pass(2_000);
        assertThat(bob.waitsWith(request)).isTrue();

        done(operator.revoke(request));

        assertThat(bob.waitsWith(request)).isFalse();
        assertThat(machine.state().broken).isEmpty();
    }

    @Test
    void aSessionWhoseDeadlineBrokeIsEndedByAnOperator() {
        Client carl = machine.open("carl", 1_000);
        carl.putFor(500, "/c", "");
        machine.plant(state -> {
            state.breakDeadline(SessionExecutor.deadlineOf(requireNonNull(state.sessions.get(carl.session()))));
            state.breakDeadline(Deadline.ofElement(machine.now() + 500, "n", AbsolutePath.parse("/c")));
        });
        machine.pass(2_000);
        assertThat(machine.state().sessions().get(carl.session())).isNotNull();

        done(operator.endSession(carl));
        assertThat(machine.state().sessions().get(carl.session())).isNull();
        Answers.deleted(operator.delete("/c"));
        assertThat(machine.state().broken).isEmpty();
    }
}
