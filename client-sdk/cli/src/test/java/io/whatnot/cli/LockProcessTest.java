package io.whatnot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.NamespaceManager;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code lock} as a process, with a process of its own below it. */
@Tag("cluster")
@Timeout(60)
final class LockProcessTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private SmallCluster cluster;

    private final List<Process> locks = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        cluster = new SmallCluster(folder.resolve("cluster"), 1);
    }

    @AfterEach
    void stop() {
        for (Process lock : locks) {
            lock.descendants().forEach(ProcessHandle::destroyForcibly);
            lock.destroyForcibly().onExit().join();
        }
        cluster.close();
    }

    @Test
    void whenTheLockIsLostTheCommandIsAskedToStopAndKilledAfterTheGraceAndTheExitCodeSaysSo() throws Exception {
        Locked obedient = lock("obedient", "trap 'echo stopped > obedient.told; exit 0' TERM");
        Locked deaf = lock("deaf", "trap 'echo no > deaf.told' TERM");

        cluster.close(); // so that nobody knows any more who holds what

        for (Locked locked : List.of(obedient, deaf)) {
            assertThat(locked.lock.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(locked.lock.exitValue()).isEqualTo(76);
            assertThat(ProcessHandle.of(locked.command)).isEmpty();
            assertThat(locked.output()).contains("is lost").doesNotContain("Exception");
        }
        assertThat(folder.resolve("obedient.told")).hasContent("stopped");
        assertThat(folder.resolve("deaf.told")).hasContent("no");
    }

    @Test
    void whenLockIsAskedToStopTheCommandIsTooAndTheLockIsReleasedAtOnce() throws Exception {
        Locked locked = lock("job", "trap 'echo stopped > job.told; exit 0' TERM");
        try (NamespaceManager other = NamespaceManager.connect(cluster.endpoints())) {
            assertThat(other.namespace("default").lease("/job").tryAcquire()).isEmpty();

            locked.lock.destroy();

            assertThat(locked.lock.waitFor(15, TimeUnit.SECONDS)).isTrue();
            assertThat(locked.lock.exitValue()).isEqualTo(143);
            assertThat(folder.resolve("job.told")).hasContent("stopped");
            assertThat(ProcessHandle.of(locked.command)).isEmpty();
            Optional<LeaseContext> next =
                    other.namespace("default").lease("/job").tryAcquire();
            assertThat(next).as("nobody has to wait for a session to run out").isPresent();
            assertThat(locked.output()).doesNotContain("Exception");
        }
    }

    /**
     * A command under a lock.
     *
     * @param lock the process of {@code whatnot lock}
     * @param command the process below it
     * @param file what the former prints
     */
    private record Locked(Process lock, long command, Path file) {
        String output() throws IOException {
            return Files.readString(file);
        }
    }

    /** Runs a shell, which begins so and goes on for ever, under the lock of that name; returns once it runs. */
    private Locked lock(String name, String beginning) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--"))
                .forEach(command::add);
        command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Whatnot.class.getName()));
        command.addAll(List.of("lock", "-c", cluster.endpoints(), "--grace", "2", "/" + name, "--", "sh", "-c"));
        command.add(beginning + "; echo $$ > " + name + ".pid; while :; do sleep 0.1; done");
        Path output = folder.resolve(name + ".output");
        Process lock = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        locks.add(lock);
        Path pid = folder.resolve(name + ".pid");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Files.exists(pid) && Files.readString(pid).endsWith("\n"));
        return new Locked(lock, Long.parseLong(Files.readString(pid).strip()), output);
    }
}
