package io.whatnot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/cluster}, run as a user runs it. */
@Tag("cluster")
@Timeout(300)
final class ClusterScriptTest {
    private static final int DONE = 0;
    private static final int FAILED = 1;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @AfterEach
    void down() throws Exception {
        cluster("down");
    }

    @Test
    void aClusterComesUpIsTroubledMendedForgetsIsFoundedAnewAndGoesDownWithoutATrace() throws Exception {
        // What a user has set for another cluster is none of this one's.
        Ran up = run(Map.of("WHATNOT_ENDPOINTS", "127.0.0.1:1"), "cluster", "up", "3");
        assertThat(up.code).as(up.out).isEqualTo(DONE);
        assertThat(up.out).contains("n1 ", "n2 ", "n3 ", " leader ");
        List<String> pids = pids();

        // Up again: it is there, and stays as it is.
        Ran again = cluster("up");
        assertThat(again.code).isEqualTo(DONE);
        assertThat(pids()).isEqualTo(pids);
        assertThat(cluster("up", "2").out)
                .isEqualTo("There is a cluster of 3 nodes already; scripts/cluster down first.\n");
        assertThat(whatnot("put", "/kept", "x").code).isEqualTo(DONE);
        for (String command : List.of("kill", "pause", "resume", "restart", "logs")) {
            assertThat(cluster(command)).isEqualTo(new Ran(FAILED, "Which node? There are: n1 n2 n3\n"));
            for (String id : List.of("n9", ".*", "n1 n1")) {
                assertThat(cluster(command, id))
                        .isEqualTo(new Ran(FAILED, "There is no node " + id + "; there are: n1 n2 n3\n"));
            }
        }
        assertThat(pids()).isEqualTo(pids).allMatch(pid -> isAlive(pid));

        // One is killed, started again, paused.
        assertThat(cluster("kill", "n2").code).isEqualTo(DONE);
        awaitExit(pids.get(1));
        assertThat(cluster("kill", "n2")).isEqualTo(new Ran(FAILED, "Node n2 does not run.\n"));
        assertThat(cluster("pause", "n2")).isEqualTo(new Ran(FAILED, "Node n2 does not run.\n"));
        Ran status = cluster("status");
        assertThat(status.code).isEqualTo(DONE);
        assertThat(status.out).contains("silent");
        assertThat(cluster("restart", "n2").code).isEqualTo(DONE);

        assertThat(cluster("pause", "n2").code).isEqualTo(DONE);
        await().atMost(Duration.ofSeconds(10)).until(() -> standsStill(pids().get(1)));
        assertThat(cluster("resume", "n2").code).isEqualTo(DONE);
        await().atMost(Duration.ofSeconds(10)).until(() -> !standsStill(pids().get(1)));

        assertThat(whatnot("get", "/kept").out).isEqualTo("x\n");
        assertThat(cluster("logs", "n1").out).contains("node n1 of cluster local serves clients at 127.0.0.1:");

        // All are killed: what they agreed on is gone. As long as one is missing nobody leads, for it may remember.
        for (String id : List.of("n1", "n2", "n3")) {
            assertThat(cluster("kill", id).code).isEqualTo(DONE);
        }
        for (String pid : pids()) {
            awaitExit(pid);
        }
        for (String id : List.of("n1", "n2")) {
            assertThat(cluster("restart", id).code).isEqualTo(DONE);
        }
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            Ran forgotten = cluster("status");
            assertThat(forgotten.code).isEqualTo(FAILED);
            assertThat(forgotten.out)
                    .contains("rejoining")
                    .contains("2 of 3 have lost their memory")
                    .contains("start those that are silent");
        });
        assertThat(cluster("restart", "n3").code).isEqualTo(DONE);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> cluster("status").code == DONE && whatnot("get", "/kept").code == FAILED);
        Ran fresh = cluster("up", "--fresh");
        assertThat(fresh.code).as(fresh.out).isEqualTo(DONE);
        assertThat(whatnot("get", "/kept").code).isEqualTo(FAILED);
        assertThat(whatnot("put", "/new", "x").code).isEqualTo(DONE);

        List<String> last = pids();
        assertThat(cluster("down").code).isEqualTo(DONE);
        assertThat(last).noneMatch(pid -> isAlive(pid));
        assertThat(folder.resolve("local")).doesNotExist();
        assertThat(cluster("down").code).as("there is nothing to do").isEqualTo(DONE);
    }

    @Test
    void aClusterGrowsByAndByAndShrinksAndNamesAreNotUsedAgain() throws Exception {
        assertThat(cluster("up", "1").code).isEqualTo(DONE);
        assertThat(whatnot("put", "/kept", "x").code).isEqualTo(DONE);

        Ran added = cluster("add");
        assertThat(added.code).as(added.out).isEqualTo(DONE);
        assertThat(added.out).contains(" is a voter");
        assertThat(cluster("add").code).isEqualTo(DONE);
        assertThat(whatnot("member", "list").out.lines().filter(line -> line.endsWith(" voter")))
                .hasSize(3);
        List<String> pids = pids();
        Ran removed = cluster("remove", "n1");
        assertThat(removed.code).as(removed.out).isEqualTo(DONE);
        assertThat(isAlive(pids.get(0))).isFalse();
        assertThat(cluster("add").code).isEqualTo(DONE);

        assertThat(whatnot("get", "/kept").out).isEqualTo("x\n");
        // Settings may name one that was removed; the list says so.
        assertThat(whatnot("member", "list")
                        .out
                        .lines()
                        .filter(line -> !line.matches("node .*|n1 .* not a member now")))
                .extracting(line -> line.replaceAll(" .* ", " "))
                .containsExactlyInAnyOrder("n2 voter", "n3 voter", "n4 voter");
    }

    @Test
    void withoutAClusterEveryCommandSaysHowToStartOne() throws Exception {
        String none = "There is no cluster in " + folder.resolve("local") + "; start one with: scripts/cluster up\n";
        for (String command : List.of("status", "kill", "pause", "resume", "restart", "add", "remove", "logs")) {
            assertThat(cluster(command, "n1")).as(command).isEqualTo(new Ran(FAILED, none));
        }
    }

    @Test
    void wrongUsageIsSaidAndStartsNothing() throws Exception {
        assertThat(cluster("up", "many"))
                .isEqualTo(new Ran(FAILED, "up takes a number of nodes and --fresh, not \"many\".\n"));
        assertThat(cluster("up", "0")).isEqualTo(new Ran(FAILED, "1 to 9 nodes, please.\n"));
        assertThat(cluster("up", "10")).isEqualTo(new Ran(FAILED, "1 to 9 nodes, please.\n"));
        Ran unknown = cluster("explode");
        assertThat(unknown.code).isEqualTo(FAILED);
        assertThat(unknown.out).contains("up [N] [--fresh]").endsWith("cluster has no command \"explode\".\n");
        assertThat(cluster("--help").code).isEqualTo(DONE);
        assertThat(folder.resolve("local")).doesNotExist();
    }

    // ---- words of the stories above

    /**
     * What a script did.
     *
     * @param code its exit code
     * @param out what it printed, complaints and all
     */
    private record Ran(int code, String out) {}

    private Ran cluster(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("cluster"));
        all.addAll(List.of(arguments));
        return run(Map.of(), all.toArray(String[]::new));
    }

    private Ran whatnot(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("whatnot"));
        all.addAll(List.of(arguments));
        return run(Map.of(), all.toArray(String[]::new));
    }

    private Ran run(Map<String, String> environment, String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of(command));
        all.set(0, Path.of("..", "..", "scripts", command[0]).toRealPath().toString());
        Path output = Files.createTempFile(folder, "output", "");
        ProcessBuilder builder =
                new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("WHATNOT_"));
        builder.environment()
                .putAll(Map.of(
                        "JAVA_HOME",
                        System.getProperty("java.home"),
                        "WHATNOT_CLUSTER_DIR",
                        folder.resolve("local").toString(),
                        "WHATNOT_CLASS_PATH",
                        System.getProperty("java.class.path"),
                        "WHATNOT_NODE_OPTS",
                        "-Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
                        "WHATNOT_CLI_OPTS",
                        "-Xmx128m -XX:+UseSerialGC",
                        "WHATNOT_CLI_TIER",
                        "1"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(90, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(all + " does not end; it printed:\n" + Files.readString(output));
        }
        return new Ran(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }

    /** The process ids of the nodes, in order. */
    private List<String> pids() throws IOException {
        List<String> pids = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("local").resolve("nodes"))) {
            String id = line.split(Pattern.quote(" "), -1)[0];
            pids.add(Files.readString(folder.resolve("local").resolve(id).resolve("pid"))
                    .strip());
        }
        return pids;
    }

    private static boolean isAlive(String pid) {
        return ProcessHandle.of(Long.parseLong(pid)).map(ProcessHandle::isAlive).orElse(false);
    }

    private static boolean standsStill(String pid) throws IOException {
        return Files.readString(Path.of("/proc", pid, "stat")).contains(") T ");
    }

    private static void awaitExit(String pid) {
        await().atMost(Duration.ofSeconds(10)).until(() -> !isAlive(pid));
    }
}
