package io.whatnot.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.ElementCommand.Condition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What commands and queries check by themselves, before any state is asked. */
class CommandTest {
    private static final AbsolutePath A = AbsolutePath.parse("/a");
    private static final int DAY = 24 * 3600 * 1000;
    private static final int HOUR = 3600 * 1000;

    // ---- namespaces

    @Test
    void aNamespacesNameIs1To64OfASmallAlphabetAndStartsWithALetterOrDigit() {
        for (String name : List.of("a", "0", "a.b_c-d", "9lives", "x".repeat(64))) {
            assertThat(new NamespaceCommand.Create(name).namespace()).isEqualTo(name);
        }
        for (String name : List.of("", "A", "ä", "a b", "a/b", ".a", "_a", "-a", "a\n", "x".repeat(65))) {
            refused("a name is 1 to 64 of a-z 0-9 . _ -", () -> new NamespaceCommand.Create(name));
        }
    }

    @Test
    void everyCommandAndQueryThatNamesANamespaceChecksItsName() {
        List<Runnable> all = List.of(
                () -> new NamespaceCommand.Create("N"),
                () -> new NamespaceCommand.Drop("N"),
                () -> new ElementCommand.Register("N", A, 0),
                () -> put("N", 0, 0),
                () -> new ElementCommand.Delete("N", A, false, Condition.NONE, 0),
                () -> acquire("N", List.of(Target.element("/a")), 0, 0, ""),
                () -> new Query.Get("N", A),
                () -> new Query.Closest("N", A),
                () -> new Query.List("N", A, true, true, A, 1, 0),
                () -> new Query.Locks("N", A, Scope.ELEMENT, 1));
        all.forEach(making -> refused("namespace \"N\"", making));
    }

    @Test
    void aRefusalDoesNotRepeatAnEndlessName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new NamespaceCommand.Create("x".repeat(100_000)))
                .satisfies(refusal -> assertThat(refusal.getMessage()).hasSizeLessThan(250));
    }

    // ---- elements

    @Test
    void anElementsTtlIs100MillisTo10Years() {
        long tenYears = 10L * 365 * DAY;
        assertThat(put("n", 0, 0).ttlMillis()).isZero();
        assertThat(put("n", 100, 0).ttlMillis()).isEqualTo(100);
        assertThat(put("n", tenYears, 0).ttlMillis()).isEqualTo(tenYears);
        refused("ttl in milliseconds is 99", () -> put("n", 99, 0));
        refused("ttl in milliseconds is -1", () -> put("n", -1, 0));
        refused("ttl in milliseconds is " + (tenYears + 1), () -> put("n", tenYears + 1, 0));
    }

    @Test
    void aNamedLeaseHasANumber() {
        refused("lease is -1", () -> put("n", 0, -1));
        refused("lease is -1", () -> new ElementCommand.Register("n", A, -1));
        refused("lease is -1", () -> new ElementCommand.Delete("n", A, false, Condition.NONE, -1));
    }

    @Test
    void aConditionContradictsItselfIfItWantsAVersionOfWhatIsAbsent() {
        assertThat(new Condition(true, 0, 0).ifAbsent()).isTrue();
        assertThat(new Condition(false, 3, 8).ifVersion()).isEqualTo(3);
        refused("can't be absent and have a version", () -> new Condition(true, 1, 0));
        refused("can't be absent and have a version", () -> new Condition(true, 0, 8));
        refused("ifVersion is -1", () -> new Condition(false, -1, 0));
    }

    @Test
    void nothingIsAskedToBeAbsentAndPresentAtOnce() {
        assertThat(Condition.PRESENT.ifPresent()).isTrue();
        assertThat(new Condition(false, 3, 0, true).ifVersion()).isEqualTo(3);
        refused("absent and present", () -> new Condition(true, 0, 0, true));
    }

    @Test
    void aDeleteNeedNotAskForTheElementToBePresent() {
        refused("present", () -> new ElementCommand.Delete("n", A, false, Condition.PRESENT, 0));
    }

    @Test
    void aChangeOfMembersNamesWhomItIsAboutAndAnotherOnlyWhereOneTakesItsPlace() {
        for (AdminCommand.MemberAction action : AdminCommand.MemberAction.values()) {
            boolean replaces = action == AdminCommand.MemberAction.REPLACE;
            assertThat(new AdminCommand.ChangeMembers(action, "n1", replaces ? "n2" : "").member())
                    .isEqualTo("n1");
            refused("member is empty", () -> new AdminCommand.ChangeMembers(action, "", replaces ? "n2" : ""));
            refused(
                    replaces ? "names nobody to put in the place of n1" : "names n2 besides",
                    () -> new AdminCommand.ChangeMembers(action, "n1", replaces ? "" : "n2"));
        }
    }

    @Test
    void aFeatureLevelIsFrom1Up() {
        assertThat(new AdminCommand.RaiseLevel(1_000_000).level()).isEqualTo(1_000_000);
        refused("feature level is 0", () -> new AdminCommand.RaiseLevel(0));
        refused("feature level is 1000001", () -> new AdminCommand.RaiseLevel(1_000_001));
    }

    @Test
    void aDeleteCantAskForTheElementToBeAbsent() {
        refused("absent", () -> new ElementCommand.Delete("n", A, false, new Condition(true, 0, 0), 0));
    }

    @Test
    void theRootIsDeletedOnlyWithEverythingBelowIt() {
        assertThat(new ElementCommand.Delete("n", AbsolutePath.ROOT, true, Condition.NONE, 0).recursive())
                .isTrue();
        refused(
                "the root is always registered",
                () -> new ElementCommand.Delete("n", AbsolutePath.ROOT, false, Condition.NONE, 0));
    }

    // ---- sessions

    @Test
    void aSessionsTtlIs1SecondTo1Hour() {
        assertThat(open(1_000, "").ttlMillis()).isEqualTo(1_000);
        assertThat(open(HOUR, "").ttlMillis()).isEqualTo(HOUR);
        refused("session ttl in milliseconds is 999", () -> open(999, ""));
        refused("session ttl in milliseconds is " + (HOUR + 1), () -> open(HOUR + 1, ""));
    }

    @Test
    void aClientsNameIsBoundedAndHasNoControlCharacters() {
        assertThat(open(1_000, "x".repeat(128)).name()).hasSize(128);
        refused("client name has 129 characters", () -> open(1_000, "x".repeat(129)));
        refused("client name has a control character", () -> open(1_000, "a\tb"));
    }

    // ---- leases

    @Test
    void aLeaseHas1To16Targets() {
        List<Target> most =
                IntStream.range(0, 16).mapToObj(i -> Target.element("/" + i)).toList();
        List<Target> more =
                IntStream.range(0, 17).mapToObj(i -> Target.element("/" + i)).toList();
        assertThat(acquire("n", most, 0, 0, "").targets()).hasSize(16);
        refused("number of targets is 0", () -> acquire("n", List.of(), 0, 0, ""));
        refused("number of targets is 17", () -> acquire("n", more, 0, 0, ""));
    }

    @Test
    void noPathIsNamedTwiceInALease() {
        List<Target> twice = List.of(Target.element("/a"), Target.prefix("/a").shared());
        refused("name a path twice", () -> acquire("n", twice, 0, 0, ""));
        List<Target> nested = List.of(Target.element("/a"), Target.prefix("/a/b"));
        assertThat(acquire("n", nested, 0, 0, "").targets()).isEqualTo(nested);
    }

    @Test
    void theTargetsOfALeaseCantBeChangedOnceItIsAskedFor() {
        List<Target> targets = new ArrayList<>(List.of(Target.element("/a")));
        LeaseCommand.Acquire acquire = acquire("n", targets, 0, 0, "");
        targets.clear();
        assertThat(acquire.targets()).hasSize(1);
        assertThatThrownBy(() -> acquire.targets().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aLeasesTtlIs100MillisToADayOrThatOfItsSession() {
        List<Target> targets = List.of(Target.element("/a"));
        assertThat(acquire("n", targets, 0, 0, "").ttlMillis()).isZero();
        assertThat(acquire("n", targets, 100, 0, "").ttlMillis()).isEqualTo(100);
        assertThat(acquire("n", targets, DAY, 0, "").ttlMillis()).isEqualTo(DAY);
        refused("lease ttl in milliseconds is 99", () -> acquire("n", targets, 99, 0, ""));
        refused("lease ttl in milliseconds is " + (DAY + 1), () -> acquire("n", targets, DAY + 1, 0, ""));
        refused("lease ttl in milliseconds is 99", () -> new LeaseCommand.Renew(1, 99));
        assertThat(new LeaseCommand.Renew(1, 0).ttlMillis()).isZero();
    }

    @Test
    void aRequestWaitsNotAtAllOrUpToADay() {
        List<Target> targets = List.of(Target.element("/a"));
        assertThat(acquire("n", targets, 0, 0, "").waitMillis()).isZero();
        assertThat(acquire("n", targets, 0, DAY, "").waitMillis()).isEqualTo(DAY);
        refused("wait in milliseconds is -1", () -> acquire("n", targets, 0, -1, ""));
        refused("wait in milliseconds is " + (DAY + 1), () -> acquire("n", targets, 0, DAY + 1, ""));
    }

    @Test
    void aLabelIsBoundedAndHasNoControlCharacters() {
        List<Target> targets = List.of(Target.element("/a"));
        assertThat(acquire("n", targets, 0, 0, "x".repeat(256)).label()).hasSize(256);
        refused("label has 257 characters", () -> acquire("n", targets, 0, 0, "x".repeat(257)));
        refused("label has a control character", () -> acquire("n", targets, 0, 0, "a\0"));
    }

    @Test
    void aLeaseIsNamedByASequenceWhichIsFrom1Up() {
        refused("lease is 0", () -> new LeaseCommand.Renew(0, 0));
        refused("lease is 0", () -> new LeaseCommand.Release(0));
        refused("request is 0", () -> new LeaseCommand.Cancel(0));
    }

    // ---- epochs

    @Test
    void whatNodesSayToThemselvesNamesATermAnIncarnationAndAVoter() {
        refused("term is 0", () -> new ClusterCommand.Epoch(0, 0));
        refused("longest ttl in milliseconds is -1", () -> new ClusterCommand.Epoch(1, -1));
        refused("voter is empty", () -> new ClusterCommand.Rejoined("", 1, 1));
        refused("voter has 256 characters", () -> new ClusterCommand.Rejoined("v".repeat(256), 1, 1));
        refused("incarnation is 0", () -> new ClusterCommand.Rejoined("v", 0, 1));
        refused("term is 0", () -> new ClusterCommand.Rejoined("v", 1, 0));
    }

    @Test
    void whatIsReclaimedIsHeldAndHasAToken() {
        LeaseCommand.Acquire lease = acquire("n", List.of(Target.element("/a")), 0, 0, "");
        assertThat(new SessionCommand.Held(1, "", lease, new Token(1)).lease()).isEqualTo(lease);
        refused("lease is 0", () -> new SessionCommand.Held(0, "", lease, new Token(1)));
        refused("token is 0", () -> new SessionCommand.Held(1, "", lease, new Token(0)));
        refused(
                "does not wait",
                () -> new SessionCommand.Held(
                        1, "", acquire("n", List.of(Target.element("/a")), 0, 5, ""), new Token(1)));
    }

    @Test
    void aSessionIsReclaimedInAnEpochWithUpTo10000Leases() {
        List<Long> many = Collections.nCopies(10_000, 1L);
        assertThat(reclaim(1, 1, many).outstanding()).hasSize(10_000);
        refused("session is 0", () -> reclaim(0, 1, List.of()));
        refused("epoch is 0", () -> reclaim(1, 0, List.of()));
        refused("epoch is 524288", () -> reclaim(1, 1 << 19, List.of()));
        refused("number of outstanding requests is 10001", () -> reclaim(1, 1, Collections.nCopies(10_001, 1L)));
    }

    private static SessionCommand.Reclaim reclaim(long session, long epoch, List<Long> outstanding) {
        return new SessionCommand.Reclaim(
                new Secret(1, 2), session, epoch, 1_000, "c", 1, List.of(), outstanding, false);
    }

    // ---- queries

    @Test
    void aPageHas1To1000Elements() {
        assertThat(new Query.List("n", A, true, true, A, 1_000, 0).limit()).isEqualTo(1_000);
        refused("limit is 0", () -> new Query.List("n", A, true, true, A, 0, 0));
        refused("limit is 1001", () -> new Query.List("n", A, true, true, A, 1_001, 0));
        refused("limit is 0", () -> new Query.Locks("n", A, Scope.ELEMENT, 0));
        refused("limit is 1001", () -> new Query.Locks("n", A, Scope.ELEMENT, 1_001));
    }

    @Test
    void aListingGoesOnBelowThePathThatIsListed() {
        AbsolutePath below = AbsolutePath.parse("/a/b/c");
        assertThat(new Query.List("n", A, true, true, below, 1, 0).after()).isEqualTo(below);
        refused("not below /a", () -> new Query.List("n", A, true, true, AbsolutePath.parse("/b"), 1, 0));
        refused("not below /a", () -> new Query.List("n", A, true, true, AbsolutePath.ROOT, 1, 0));
    }

    private static ElementCommand.Put put(String namespace, long ttlMillis, long lease) {
        return new ElementCommand.Put(namespace, A, Value.NONE, ttlMillis, false, Condition.NONE, lease);
    }

    private static SessionCommand.Open open(long ttlMillis, String name) {
        return new SessionCommand.Open(new Secret(1, 2), ttlMillis, name);
    }

    private static LeaseCommand.Acquire acquire(
            String namespace, List<Target> targets, long ttlMillis, long waitMillis, String label) {
        return new LeaseCommand.Acquire(namespace, targets, ttlMillis, waitMillis, label);
    }

    private static void refused(String message, Runnable making) {
        assertThatIllegalArgumentException().isThrownBy(making::run).withMessageContaining(message);
    }
}
