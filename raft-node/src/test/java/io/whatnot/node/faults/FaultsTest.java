package io.whatnot.node.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A short run of what {@code scripts/faults} does for as long as one likes. */
@Tag("faults")
@Timeout(300)
final class FaultsTest {
    @Test
    void whatIsPromisedHoldsOnThreeProcessesWhileTheyAreKilledPausedAndCutOff() throws Exception {
        Path folder = Files.createDirectories(Path.of("target", "faults").toAbsolutePath());
        FaultsRun.Plan plan = new FaultsRun.Plan(
                Duration.ofSeconds(35),
                1,
                3,
                FaultyCluster.LogKept.MEMORY,
                Fault.parse(
                        "kill-leader,kill-follower,pause-leader,leader-alone,one-way,kill-client,break-connections"),
                Files.createTempDirectory(folder, "test-"));
        List<String> printed = new ArrayList<>();
        FaultsRun run = new FaultsRun(plan, printed::add);
        FaultsRun.Outcome outcome = run.run();
        run.writeReport(outcome, "scripts/faults --seconds 35 --seed 1 --nodes 3", printed);

        assertThat(outcome.violations()).as(String.join("\n", printed)).isEmpty();
        assertThat(outcome.faults()).isGreaterThan(2);
        assertThat(outcome.operations()).isGreaterThan(2_000);
        assertThat(outcome.unknownPercent()).isLessThan(5);
        run.discard();
    }

    @Test
    void faultsAreNamedOneByOneOrByGroup() {
        assertThat(Fault.parse("kill-all,delay"))
                .containsExactly(Fault.KILL_ALL, Fault.DELAY, Fault.LOSS, Fault.BREAK_CONNECTIONS);
        assertThatThrownBy(() -> Fault.parse("kill,earthquake"))
                .hasMessageContaining("no fault \"earthquake\"")
                .hasMessageContaining("partition");
    }

    @Test
    void whatIsAskedForIsReadOrRefusedWithWhatMayBeWritten() throws Exception {
        FaultsRun.Plan plan =
                FaultsMain.plan("--seconds 7 --seed 3 --nodes 5 --log rocksdb --faults kill".split(" ", -1));
        assertThat(plan.time()).isEqualTo(Duration.ofSeconds(7));
        assertThat(plan.nodes()).isEqualTo(5);
        assertThat(plan.log()).isEqualTo(FaultyCluster.LogKept.ROCKSDB);
        assertThat(plan.faults()).contains(Fault.KILL_ALL).doesNotContain(Fault.DELAY);
        assertThatThrownBy(() -> FaultsMain.plan(new String[] {"--nodes", "4"})).hasMessageContaining("3 or 5");
        assertThatThrownBy(() -> FaultsMain.plan(new String[] {"--seconds"})).hasMessageContaining("nothing behind");
        assertThatThrownBy(() -> FaultsMain.plan(new String[] {"--loud", "1"})).hasMessageContaining("no --loud");
    }
}
