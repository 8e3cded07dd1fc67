package io.whatnot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.DeadlockException;
import io.whatnot.client.LeaseContext;
import io.whatnot.client.LossReason;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.SemaphoreClaim;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Value;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each command against a cluster of three: what it prints, and its exit code. */
@Tag("cluster")
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CommandsTest {
    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private SmallCluster cluster;

    @SuppressWarnings("NullAway.Init")
    private NamespaceManager whatnot;

    @BeforeAll
    void start(@TempDir Path data) throws Exception {
        cluster = new SmallCluster(data, 3);
        whatnot = NamespaceManager.builder().name("test").connect(cluster.endpoints());
        whatnot.namespaces();
    }

    @AfterAll
    void stop() {
        whatnot.close();
        cluster.close();
    }

    // ---- elements

    @Test
    void aTransactionIsReadFromAFileAndDoneWhole() throws IOException {
        Path file = Files.writeString(
                folder.resolve("transaction"),
                "when absent /tx/a\nthen put /tx/a \"one word\"\nthen unique /tx/q\nthen get /tx/a\nelse get /tx/a\n");
        Ran first = run("transact", file.toString());
        assertThat(first.code).as(first.err).isEqualTo(DONE);
        assertThat(first.out)
                .startsWith("then at revision R\nversion 1\n/tx/q/")
                .endsWith("version 1: one word\n");

        assertThat(run("transact", file.toString()))
                .isEqualTo(new Ran(FAILED, "else at revision R\nversion 1: one word\n", ""));
        Files.writeString(file, "then put /tx/b x\n\nthen rm /tx/b\n");
        Ran conflict = run("transact", file.toString());
        assertThat(conflict.code).isEqualTo(WRONG_USAGE);
        assertThat(conflict.err).contains("operations 1 (put /tx/b) and 2 (delete /tx/b)");
        Files.writeString(file, "then put /tx/b x\nthen ls /\n");
        assertThat(run("transact", file.toString()).err).startsWith("line 2: \"ls\" is no operation");
        assertThat(run("get", "/tx/b").code).isEqualTo(FAILED);
    }

    @Test
    void whatWasPutIsShownByGetListAndTreeAndGoneAfterRemove() {
        assertThat(run("put", "/shop/a", "one")).isEqualTo(new Ran(DONE, "version 1 at revision R\n", ""));
        assertThat(run("put", "/shop/a", "two")).isEqualTo(new Ran(DONE, "version 2 at revision R\n", ""));
        assertThat(run("put", "/shop/a/b", "three").code).isEqualTo(DONE);

        assertThat(run("get", "/shop/a")).isEqualTo(new Ran(DONE, "two\n", ""));
        assertThat(run("get", "--consistency=NODE", "/shop").code).isIn(DONE, FAILED);
        assertThat(run("get", "-l", "/shop/a").out)
                .contains("path        /shop/a\n", "version     2\n", "ttl         none\n", "ephemeral   no\n")
                .contains("bytes       3\n")
                .endsWith("two\n");
        assertThat(run("ls", "/shop").out.replaceAll(" +", " ")).isEqualTo("a v2 3 bytes\n");
        assertThat(run("tree", "/shop").out).isEqualTo("/shop\n  a  two\n    b  three\n");

        assertThat(run("rm", "/shop/a"))
                .satisfies(ran -> assertThat(ran.code).isEqualTo(FAILED))
                .satisfies(ran -> assertThat(ran.err).startsWith("HAS_CHILDREN: "));
        assertThat(run("rm", "/shop/a/b")).isEqualTo(new Ran(DONE, "deleted at revision R\n", ""));
        assertThat(run("rm", "-r", "/shop")).isEqualTo(new Ran(DONE, "2 deleted\n", ""));
        assertThat(run("get", "/shop/a")).isEqualTo(new Ran(FAILED, "", "nothing is registered at /shop/a\n"));
    }

    @Test
    void aConditionThatDoesNotHoldIsAFailureAndChangesNothing() {
        awaitFounding();
        assertThat(run("put", "--if-present", "/cond", "none").err).startsWith("NO_SUCH_ELEMENT: ");
        assertThat(run("put", "--if-absent", "/cond", "one").code).isEqualTo(DONE);
        assertThat(run("put", "--if-present", "/cond", "one").code).isEqualTo(DONE);
        assertThat(run("put", "--if-absent", "/cond", "two").code).isEqualTo(FAILED);
        assertThat(run("put", "--if-version", "7", "/cond", "two").err).startsWith("CONDITION_FAILED: ");
        assertThat(run("put", "--if-version", "2", "/cond", "three").code).isEqualTo(DONE);
        assertThat(run("get", "/cond").out).isEqualTo("three\n");
    }

    @Test
    void aFilesBytesAreTheValueAndAMissingFileIsAFailureInOneLine() throws IOException {
        Path file = Files.writeString(folder.resolve("value"), "from a file");
        assertThat(run("put", "--file", file.toString(), "/file").code).isEqualTo(DONE);
        assertThat(run("get", "/file").out).isEqualTo("from a file\n");

        Ran missing = run("put", "--file", folder.resolve("none").toString(), "/file");
        assertThat(missing.code).isEqualTo(FAILED);
        assertThat(missing.err)
                .contains(folder.resolve("none").toString(), "no such file")
                .hasLineCount(1);
    }

    @Test
    void anElementWithATtlSaysSoAndGoes() {
        assertThat(run("put", "--ttl", "300", "/brief", "x").code).isEqualTo(DONE);
        assertThat(run("put", "--ttl", "60000", "/longer", "x").code).isEqualTo(DONE);
        assertThat(run("get", "-l", "/longer").out).contains("ttl         60000 ms\n");
        await().until(() -> run("get", "/brief").code == FAILED);
    }

    @Test
    void theNamespaceIsAnOption() {
        assertThat(run("put", "-n", "other", "/only-there", "x").code).isEqualTo(DONE);
        assertThat(run("get", "-n", "other", "/only-there").out).isEqualTo("x\n");
        assertThat(run("get", "/only-there").code).isEqualTo(FAILED);
        Ran unknown = run("get", "-n", "nowhere", "/a");
        assertThat(unknown.code).isEqualTo(FAILED);
        assertThat(unknown.err).isEqualTo("NO_SUCH_NAMESPACE: there is no namespace nowhere\n");
    }

    @Test
    void uniqueChildrenAreRegisteredInOrderAndTheirPathsPrinted() {
        String first = run("register", "--unique", "/queue").out.strip();
        String second = run("register", "--unique", "/queue").out.strip();
        assertThat(first).matches("/queue/[0-9]{19}-0");
        assertThat(second).isGreaterThan(first);
        assertThat(run("register", "/plain").out).isEqualTo("registered at revision R\n");
    }

    @Test
    void whatWasExportedIsImportedIntoAnotherNamespace() {
        Path file = folder.resolve("exported");
        assertThat(run("put", "-n", "moving", "/a/b", "one").code).isEqualTo(DONE);
        assertThat(run("export", "moving", "--file", file.toString()).err).isEqualTo("2 elements exported\n");
        assertThat(run("import", "moved", "--file", file.toString()).err).isEqualTo("2 elements imported\n");
        assertThat(run("get", "-n", "moved", "/a/b").out).isEqualTo("one\n");
    }

    @Test
    void anImportNamesTheLineThatIsWrong() throws IOException {
        Path file = Files.writeString(folder.resolve("wrong"), "{\"path\":\"/a\"}\n{\"path\":7}\n");
        Ran ran = run("import", "wrong", "--file", file.toString());
        assertThat(ran.code).isEqualTo(WRONG_USAGE);
        assertThat(ran.err).contains("line 2: path is no text");
    }

    // ---- administration

    @Test
    void anOperatorOnTheMachineOfAnyNodeMayChangeSettings() {
        long value = 20_000;
        for (String endpoint : cluster.endpoints().split(",", -1)) {
            value++;
            assertThat(runBare("admin", "set", "sessionsMax=" + value, "-c", endpoint).out)
                    .isEqualTo("sessionsMax is " + value + "\n");
            assertThat(runBare("admin", "settings", "-c", endpoint).out.replaceAll(" +", " "))
                    .contains("sessionsMax " + value + " ");
        }
        assertThat(run("admin", "set", "sessionsMax=0").err).contains("INVALID_ARGUMENT", "from 1 to 10000000");
        assertThat(run("admin", "set", "noSuch=1").err).contains("there is no setting \"noSuch\"");
    }

    @Test
    void membersAreListedAndLeadershipIsHandedOverAndWhatCannotBeIsSaid() {
        assertThat(run("member", "list").out.lines())
                .hasSize(4)
                .filteredOn(line -> line.endsWith(" voter"))
                .hasSize(3);
        for (String node : List.of("n2", "n1")) {
            assertThat(run("member", "transfer", node).out).isEqualTo(node + " leads" + System.lineSeparator());
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> run("status").out.lines().anyMatch(line -> line.matches(node + " .* leader .*")));
        }
        assertThat(run("member", "remove", "n9").err).contains("INVALID_ARGUMENT", "\"n9\" is no member");
        assertThat(run("member", "promote", "n3").code).isZero(); // it is a voter
        assertThat(run("member", "add-learner", "n3").err).contains("n3 is a voter");
    }

    /** A new cluster is at the newest level once all of its nodes are there. */
    private void awaitFounding() {
        String newest = "level " + FeatureLevel.NEWEST + ", supports " + FeatureLevel.NEWEST;
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(run("status").out.split(newest, -1)).hasSize(1 + 3));
    }

    @Test
    void anOperatorRaisesTheFeatureLevelAndSeesInTheStatusWhatNodesSupport() {
        String newest = Integer.toString(FeatureLevel.NEWEST);
        awaitFounding();
        assertThat(run("admin", "level", newest).out).isEqualTo("the feature level is " + newest + "\n");

        Ran beyond = run("admin", "level", Integer.toString(FeatureLevel.NEWEST + 1));
        assertThat(beyond.code).isEqualTo(FAILED);
        assertThat(beyond.err).startsWith("UNSUPPORTED: ").contains("n", "supports levels up to " + newest);
        assertThat(run("admin", "level", "1").err).contains("INVALID_ARGUMENT", "never lowered");
        assertThat(run("admin", "level", "up").code).isEqualTo(WRONG_USAGE);
    }

    @Test
    void aPolicyIsSetShownAndTakenAwayAndElementsAreTouched() throws Exception {
        awaitFounding();
        assertThat(run("register", "/carts/7").code).isEqualTo(DONE);
        assertThat(run("prune", "/carts", "--idle-after", "12h", "--retain-values"))
                .isEqualTo(new Ran(DONE, "", ""));
        assertThat(run("get", "-l", "/carts/7").out)
                .contains("pruned      after 43200000 ms idle, by /carts, unless it holds a value; idle for ");
        assertThat(run("policies").out).isEqualTo("/carts  after 43200000 ms idle, unless it holds a value\n");
        assertThat(run("prune", "/carts/7", "--never").code).isEqualTo(DONE);
        assertThat(run("policies").out).contains("\n/carts/7  never\n");
        assertThat(run("get", "-l", "/carts/7").out).contains("pruned      never, by /carts/7\n");
        assertThat(run("prune", "/carts/7", "--remove").code).isEqualTo(DONE);
        assertThat(run("prune", "/carts", "--remove").code).isEqualTo(DONE);
        assertThat(run("get", "-l", "/carts/7").out).contains("pruned      never\n");
        assertThat(run("policies")).isEqualTo(new Ran(DONE, "nothing is pruned in namespace default\n", ""));
        assertThat(run("policies", "/carts").code).isEqualTo(WRONG_USAGE);
        assertThat(run("policies", "-n", "nowhere").err).startsWith("NO_SUCH_NAMESPACE: ");
        assertThat(run("touch", "/carts/7")).isEqualTo(new Ran(DONE, "", ""));
        assertThat(run("touch", "/carts/8").err).startsWith("NO_SUCH_ELEMENT: ");

        assertThat(run("prune", "/carts").code).isEqualTo(WRONG_USAGE);
        assertThat(run("prune", "/carts", "--never", "--remove").code).isEqualTo(WRONG_USAGE);
        assertThat(run("prune", "/carts", "--never", "--retain-values").code).isEqualTo(WRONG_USAGE);
        assertThat(run("prune", "/carts", "--idle-after", "soon").err).contains("\"soon\" is no time");
        assertThat(run("prune", "/carts", "--idle-after", "367d").code).isEqualTo(WRONG_USAGE);
    }

    @Test
    void aPoolIsMadeShownResizedAndRemovedAndCommandsRunWhileSlotsAreClaimed() throws Exception {
        awaitFounding();
        assertThat(run("register", "/quota").code).isEqualTo(DONE);
        assertThat(run("pool", "show", "/quota")).isEqualTo(new Ran(FAILED, "", "no pool serves /quota\n"));
        assertThat(run("pool", "create", "/quota", "0").code).isEqualTo(WRONG_USAGE);
        assertThat(run("pool", "create", "--prefix", "/quota", "3")).isEqualTo(new Ran(DONE, "", ""));
        assertThat(run("pool", "create", "/quota", "3").err).startsWith("POOL_EXISTS: ");

        assertThat(run("claim", "/quota/pdf", "--slots", "2", "--", "sh", "-c", "exit $((WHATNOT_TOKEN > 0 ? 7 : 8))")
                        .code)
                .isEqualTo(7);
        assertThat(run("claim", "/quota", "--slots", "4", "--", "true").err).startsWith("CLAIM_TOO_LARGE: ");
        SemaphoreClaim held = whatnot.namespace("default")
                .pool("/quota/eu")
                .claim(3)
                .label("nightly")
                .acquire();
        assertThat(run("claim", "/quota", "--wait", "0", "--", "true").code).isEqualTo(75);
        assertThat(run("pool", "show", "/quota/pdf").out)
                .startsWith("/quota and below  3 of 3 slots in use by 1 claims, 0 wait\n")
                .contains("holds    3 slots at /quota/eu of pool /quota  test", "\"nightly\"");
        assertThat(run("leases", "/quota").out).contains("3 slots at /quota/eu of pool /quota");

        assertThat(run("pool", "resize", "/quota", "5").code).isEqualTo(DONE);
        assertThat(run("pool", "show", "/quota").out).contains("3 of 5 slots");
        assertThat(run("pool", "create", "--purge", "/quota", "1").code).isEqualTo(DONE);
        assertThat(held.lost().get(10, TimeUnit.SECONDS)).isEqualTo(LossReason.REVOKED);
        assertThat(run("pool", "remove", "/quota").code).isEqualTo(DONE);
        assertThat(run("pool", "remove", "/quota").err).startsWith("NO_SUCH_POOL: ");
    }

    @Test
    void anOperatorRevokesLeasesEndsSessionsAndDropsNamespaces() throws Exception {
        try (NamespaceManager victim = NamespaceManager.builder().name("victim").connect(cluster.endpoints())) {
            LeaseContext revoked = victim.namespace("taken").lease("/a").acquire();
            LeaseId id = whatnot.namespace("taken")
                    .locks("/a", Scope.ELEMENT)
                    .held()
                    .get(0)
                    .id();
            assertThat(run("admin", "revoke", id.toString()).out).isEqualTo("revoked " + id + "\n");
            assertThat(revoked.lost().get(30, TimeUnit.SECONDS)).isEqualTo(LossReason.REVOKED);
            assertThat(run("admin", "revoke", id.toString()).err).startsWith("LEASE_LOST: ");
            assertThat(run("admin", "revoke", "x").code).isEqualTo(WRONG_USAGE);

            LeaseContext dropped = victim.namespace("taken").lease("/a").acquire();
            assertThat(run("admin", "drop", "taken").out).isEqualTo("dropped taken\n");
            assertThat(dropped.lost().get(30, TimeUnit.SECONDS)).isEqualTo(LossReason.REVOKED);

            LeaseContext ended = victim.namespace("taken").lease("/a").acquire();
            assertThat(run("admin", "end-session", Long.toString(id.session())).code)
                    .isEqualTo(DONE);
            assertThat(ended.lost().get(30, TimeUnit.SECONDS)).isIn(LossReason.REVOKED, LossReason.SESSION_ENDED);
        }
    }

    @Test
    void anOperatorLeavesTheDeadlocksOfANamespaceAloneAndCutsThemAgain() throws Exception {
        awaitFounding();
        whatnot.createNamespace("knots");
        assertThat(run("admin", "namespace", "knots").out).contains("deadlock break on");
        assertThat(run("admin", "namespace", "knots", "--deadlock-break", "off").out)
                .startsWith("knots  1 elements, made at revision ")
                .endsWith(", deadlock break off\n");
        Namespace knots = whatnot.namespace("knots");
        LeaseContext b = knots.lease("/b").owner("y").acquire();
        try (LeaseContext a = knots.lease("/a").owner("x").acquire()) {
            CompletableFuture<LeaseContext> older = knots.lease("/b").owner("x").acquireAsync();
            await().until(() -> knots.locks("/b", Scope.ELEMENT).waiting().size() == 1);
            CompletableFuture<LeaseContext> younger =
                    knots.lease("/a").owner("y").acquireAsync();
            await().until(() -> knots.locks("/a", Scope.ELEMENT).waiting().size() == 1);
            assertThat(younger).isNotDone();

            String session = Long.toString(
                    knots.locks("/a", Scope.ELEMENT).held().get(0).id().session());
            assertThat(run("session", session).out)
                    .contains("4 leases and requests", "  knots  /a  for ", "  knots  /b  for ", "in place 1")
                    .contains("        behind test (" + session + "), who holds /b");
            assertThat(run("session", "--consistency", "NODE", "--dot", session).out)
                    .startsWith("digraph waits {")
                    .contains("held as /a", "held as /b");

            assertThat(run("admin", "namespace", "knots", "--deadlock-break", "on").out)
                    .contains("deadlock break on");
            assertThatThrownBy(() -> younger.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(DeadlockException.class);
            assertThat(older).isNotDone();
            b.close();
            older.get(10, TimeUnit.SECONDS).close();
            assertThat(a.isHeld()).isTrue();
        }
        assertThat(run("admin", "namespace", "nowhere").err).isEqualTo("there is no namespace nowhere\n");
        assertThat(run("admin", "namespace", "nowhere", "--deadlock-break", "off").err)
                .startsWith("NO_SUCH_NAMESPACE: ");
        assertThat(run("admin", "namespace", "knots", "--deadlock-break", "perhaps").code)
                .isEqualTo(WRONG_USAGE);
        assertThat(run("session", "99999999").err).startsWith("INVALID_ARGUMENT: there is no session 99999999");
        assertThat(run("session", "0").code).isEqualTo(WRONG_USAGE);
    }

    // ---- status, watch, listings, bench

    @Test
    void statusShowsEveryNodeAndWhoLeads() {
        Ran ran = run("status");
        assertThat(ran.code).isEqualTo(DONE);
        assertThat(ran.out).hasLineCount(4).contains("n1 ", "n2 ", "n3 ", " leader ", " follower ", "sessions ");
        assertThat(run("status", "-v").out).contains("requests_received", "connections_cut_off");
    }

    @Test
    void watchPrintsTheStateAndThenTheEventsAndEndsAfterSoMany() throws Exception {
        run("put", "/watched/a", "one");
        StringWriter out = new StringWriter();
        CompletableFuture<Integer> code = CompletableFuture.supplyAsync(() -> Whatnot.run(
                new PrintWriter(out, true),
                new PrintWriter(new StringWriter()),
                List.of("watch", "-c", cluster.endpoints(), "-r", "--state", "--events", "3", "/watched")));
        await().until(() -> out.toString().contains("is        /watched/a  one"));
        run("put", "/watched/a", "two");
        try (LeaseContext lease =
                whatnot.namespace("default").lease("/watched/b").acquire()) {
            assertThat(lease.isHeld()).isTrue();
        }
        assertThat(code.get(10, TimeUnit.SECONDS)).isEqualTo(DONE);
        assertThat(out.toString().lines().map(line -> line.strip().split(" +", 3)[1]))
                .containsSubsequence("is", "EDITED", "LOCKED", "UNLOCKED");
        assertThat(out.toString()).contains("/watched/a  two", "token ", "by test");
    }

    @Test
    void aWatchWhoseNamespaceIsDroppedSaysSoAndFails() throws Exception {
        run("put", "-n", "doomed", "/a", "x");
        StringWriter out = new StringWriter();
        CompletableFuture<Integer> code = CompletableFuture.supplyAsync(() -> Whatnot.run(
                new PrintWriter(out, true),
                new PrintWriter(new StringWriter()),
                List.of("watch", "-c", cluster.endpoints(), "-n", "doomed", "--state", "/a")));
        await().until(() -> out.toString().contains("is        /a"));
        whatnot.dropNamespace("doomed");
        assertThat(code.get(10, TimeUnit.SECONDS)).isEqualTo(FAILED);
        assertThat(out.toString()).contains("the watch is over: NO_SUCH_NAMESPACE");
    }

    @Test
    void leasesAndQueueShowWhoHoldsAndWhoWaitsBehindWhom() throws Exception {
        whatnot.namespace("default").put("/listed", Value.of("x"));
        assertThat(run("leases", "/listed")).isEqualTo(new Ran(DONE, "nothing is locked at or below /listed\n", ""));
        assertThat(run("queue", "/listed")).isEqualTo(new Ran(DONE, "nobody holds or waits for /listed\n", ""));
        try (LeaseContext lease = whatnot.namespace("default")
                .lease("/listed")
                .label("nightly run")
                .acquire()) {
            CompletableFuture<Object> queued = new CompletableFuture<>();
            CompletableFuture<LeaseContext> waiting = whatnot.namespace("default")
                    .lease("/listed")
                    .onQueued(queued::complete)
                    .acquireAsync();
            queued.get(10, TimeUnit.SECONDS);
            assertThat(run("leases", "/").out).contains("holds    ", "/listed", "test", "\"nightly run\"");
            assertThat(run("queue", "/listed").out)
                    .contains("holds    ", "waits    ", "behind test", "who holds ")
                    .hasLineCount(3);
            lease.releaseAsync().get(10, TimeUnit.SECONDS);
            waiting.get(10, TimeUnit.SECONDS).close();
        }
    }

    @Test
    void benchPrintsALineForEachNumberOfWorkers() {
        Ran ran = run("bench", "locks", "--workers", "1,4", "--warm-up", "0.1", "--seconds", "0.3");
        assertThat(ran.code).as(ran.err).isEqualTo(DONE);
        assertThat(ran.out).hasLineCount(3).startsWith("workers   cycles/s");
        assertThat(ran.out.lines().skip(1).map(line -> line.strip().split(" +", -1)[0]))
                .containsExactly("1", "4");
    }

    @Test
    void benchStormTellsWhatManyRequestsForOnePathDoToAnother() {
        Ran ran = run("bench", "storm", "--requests", "200", "--sessions", "2", "--seconds", "0.5");
        assertThat(ran.code).as(ran.err).isEqualTo(DONE);
        assertThat(ran.out.lines().map(line -> line.strip().split(" +", -1)[0]))
                .containsExactly("phase", "before", "storm", "waiting", "leaving", "after", "refused:");
        String[] waiting = ran.out
                .lines()
                .filter(line -> line.startsWith("waiting"))
                .findFirst()
                .orElseThrow()
                .split(" +", -1);
        assertThat(waiting[6]).as("errors").isEqualTo("0");
        assertThat(Long.parseLong(waiting[7])).as("most that waited").isGreaterThanOrEqualTo(200);
        assertThat(ran.out).contains("refused: none; the lock that they waited for was held throughout");
    }

    // ---- lock

    @Test
    void lockRunsTheCommandWithTheTokenAndReleasesWhenItHasEnded() throws Exception {
        Path token = folder.resolve("token");
        long before = tokenOf("/locked");
        Ran ran = run("lock", "/locked", "--", "sh", "-c", "echo $WHATNOT_TOKEN > " + token);
        assertThat(ran).isEqualTo(new Ran(DONE, "", ""));
        assertThat(Long.parseLong(Files.readString(token).strip())).isGreaterThan(before);
        assertThat(tokenOf("/locked"))
                .isGreaterThan(Long.parseLong(Files.readString(token).strip()));
    }

    private long tokenOf(String path) throws InterruptedException {
        try (LeaseContext lease = whatnot.namespace("default").lease(path).acquire()) {
            return lease.token().value();
        }
    }

    @Test
    void lockEndsWithTheCommandsExitCode() {
        assertThat(run("lock", "/code", "--", "sh", "-c", "exit 42").code).isEqualTo(42);
        Ran none = run("lock", "/code", "--", "no-such-command-anywhere");
        assertThat(none.code).isEqualTo(127);
        assertThat(none.err).contains("no-such-command-anywhere").hasLineCount(1);
    }

    @Test
    void lockThatIsNotToBeHadInTimeRunsNothingAndSaysBehindWhom() throws Exception {
        Path file = folder.resolve("never");
        try (LeaseContext lease = whatnot.namespace("default").lease("/busy").acquire()) {
            assertThat(lease.isHeld()).isTrue();
            Ran ran = run("lock", "--wait", "0", "/busy", "--", "touch", file.toString());
            assertThat(ran.code).isEqualTo(75);
            assertThat(ran.err).contains("LOCK_TIMEOUT");
            ran = run("lock", "--wait", "1", "/busy", "--", "touch", file.toString());
            assertThat(ran.code).isEqualTo(75);
            assertThat(ran.err).contains("waiting, number 1 behind [test");
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void aSharedLockIsHeldWithOthersAndAPrefixLockCoversWhatIsBelow() throws Exception {
        try (LeaseContext shared =
                whatnot.namespace("default").lease("/both").shared().acquire()) {
            assertThat(shared.isHeld()).isTrue();
            assertThat(run("lock", "--wait", "0", "--shared", "/both", "--", "true").code)
                    .isEqualTo(DONE);
            assertThat(run("lock", "--wait", "0", "/both", "--", "true").code).isEqualTo(75);
        }
        try (LeaseContext below = whatnot.namespace("default").lease("/p/q").acquire()) {
            assertThat(below.isHeld()).isTrue();
            assertThat(run("lock", "--wait", "0", "--prefix", "/p", "--", "true").code)
                    .isEqualTo(75);
            assertThat(run("lock", "--wait", "0", "/p", "--", "true").code).isEqualTo(DONE);
        }
    }

    // ---- wrong usage

    @Test
    void wrongUsageIsSaidInAFewLinesAndHasItsOwnExitCode() {
        for (List<String> wrong : List.of(
                List.of("no-such-command"),
                List.of("get"),
                List.of("get", "/a", "/b"),
                List.of("get", "relative"),
                List.of("get", "/a//b"),
                List.of("get", "--consistency=MAYBE", "/a"),
                List.of("put", "/a"),
                List.of("put", "--ttl", "soon", "/a", "x"),
                List.of("put", "--if-absent", "--if-version", "2", "/a", "x"),
                List.of("lock", "/a"),
                List.of("get", "-n", "No Name", "/a"),
                List.of("get", "--timeout", "0", "/a"),
                List.of("status", "--timeout", "-1"),
                List.of("bench", "locks", "--workers", "0"),
                List.of("bench", "locks", "--clients", "0"),
                List.of("bench", "storm", "--requests", "0"),
                List.of("bench", "storm", "--requests", "5", "--sessions", "6"),
                List.of("bench", "storm", "--seconds", "0"))) {
            Ran ran = run(wrong.toArray(String[]::new));
            assertThat(ran.code).as(wrong + "\n" + ran.err).isEqualTo(WRONG_USAGE);
            assertThat(ran.err).as(wrong.toString()).isNotBlank().doesNotContain("\tat ");
        }
        Ran endpoint = runBare("get", "-c", "nowhere", "/a");
        assertThat(endpoint)
                .isEqualTo(
                        new Ran(WRONG_USAGE, "", "\"nowhere\" is no endpoint; write host:port, and commas between\n"));
    }

    @Test
    void everyCommandExplainsItself() {
        for (String command : List.of(
                "status",
                "get",
                "put",
                "rm",
                "ls",
                "tree",
                "watch",
                "lock",
                "leases",
                "queue",
                "session",
                "register",
                "export",
                "import",
                "admin",
                "bench")) {
            Ran ran = runBare(command, "--help");
            assertThat(ran.code).as(command).isEqualTo(DONE);
            assertThat(ran.out).startsWith("Usage: whatnot " + command);
        }
        assertThat(runBare("--version").out).startsWith("whatnot ");
    }

    // ---- nobody there

    @Test
    void everyCommandTellsInBoundedTimeThatTheClusterCannotBeReached() throws Exception {
        String nobody = SmallCluster.freeEndpoints(1).get(0);
        List<CompletableFuture<Ran>> running = new ArrayList<>();
        List<List<String>> commands = List.of(
                List.of("get", "/a"),
                List.of("put", "/a", "x"),
                List.of("rm", "-r", "/a"),
                List.of("ls", "/"),
                List.of("tree", "/"),
                List.of("watch", "/"),
                List.of("leases"),
                List.of("queue"),
                List.of("lock", "/a", "--", "touch", folder.resolve("unlocked").toString()));
        for (List<String> command : commands) {
            List<String> all = new ArrayList<>(command.subList(0, 1));
            all.addAll(List.of("-c", nobody, "--timeout", "1"));
            all.addAll(command.subList(1, command.size()));
            running.add(CompletableFuture.supplyAsync(
                    () -> runBare(all.toArray(String[]::new)), task -> new Thread(task, command.get(0)).start()));
        }
        for (int i = 0; i < commands.size(); i++) {
            Ran ran = running.get(i).get(20, TimeUnit.SECONDS);
            assertThat(ran.code).as(commands.get(i).toString()).isEqualTo(FAILED);
            assertThat(ran.err)
                    .as(commands.get(i).toString())
                    .contains("UNAVAILABLE", nobody)
                    .doesNotContain("\tat ");
        }
        assertThat(folder.resolve("unlocked")).doesNotExist();

        Ran status = runBare("status", "-c", nobody);
        assertThat(status.code).isEqualTo(FAILED);
        assertThat(status.out).contains(nobody, "silent", "No node leads.");
    }

    // ---- words of the stories above

    /**
     * What a command did.
     *
     * @param code its exit code
     * @param out what it printed; revisions are all R
     * @param err what it complained of
     */
    private record Ran(int code, String out, String err) {}

    /** Runs a command against the cluster. */
    private Ran run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments[0]));
        int own = 1;
        if (List.of("bench", "admin", "member", "pool").contains(arguments[0])) {
            all.add(arguments[own++]);
        }
        if (!arguments[0].equals("no-such-command")) {
            all.addAll(List.of("-c", cluster.endpoints()));
        }
        all.addAll(Arrays.asList(arguments).subList(own, arguments.length));
        return runBare(all.toArray(String[]::new));
    }

    private static Ran runBare(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Whatnot.run(new PrintWriter(out, true), new PrintWriter(err, true), List.of(arguments));
        return new Ran(code, out.toString().replaceAll("revision \\d+", "revision R"), err.toString());
    }
}
