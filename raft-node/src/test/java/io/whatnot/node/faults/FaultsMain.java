package io.whatnot.node.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * {@code scripts/faults}: faults on a real cluster for some seconds. The last line sums up; the exit code is 1 if anything
 * was violated, and then a folder tells all.
 */
final class FaultsMain {
    private static final String USAGE =
            "--seconds S --seed N --nodes 3|5 [--log memory|rocksdb] [--faults kill,pause,...]";

    private FaultsMain() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        FaultsRun.Plan plan;
        try {
            plan = plan(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "\n" + USAGE);
            System.exit(2);
            return;
        }
        List<String> printed = new ArrayList<>();
        FaultsRun run = new FaultsRun(plan, line -> {
            printed.add(line);
            System.out.println(line);
        });
        FaultsRun.Outcome outcome = run.run();
        if (outcome.violationCount() > 0) {
            String command = "scripts/faults " + String.join(" ", arguments);
            run.writeReport(outcome, command, printed);
            System.out.println("everything about it is in " + plan.folder()
                    + "; again, as far as chance is the seed's: " + command);
        } else {
            run.discard();
        }
        System.out.println(outcome.summary());
        System.exit(outcome.violationCount() > 0 ? 1 : 0);
    }

    static FaultsRun.Plan plan(String[] arguments) throws IOException {
        long seconds = 60;
        long seed = 1;
        int nodes = 3;
        FaultyCluster.LogKept log = FaultyCluster.LogKept.MEMORY;
        String faults = Arrays.stream(Fault.values()).map(Fault::toString).collect(Collectors.joining(","));
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException("there is nothing behind " + arguments[i]);
            }
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--seconds" -> seconds = Long.parseLong(value);
                case "--seed" -> seed = Long.parseLong(value);
                case "--nodes" -> nodes = Integer.parseInt(value);
                case "--log" -> log = FaultyCluster.LogKept.valueOf(value.toUpperCase(Locale.ROOT));
                case "--faults" -> faults = value;
                default -> throw new IllegalArgumentException("there is no " + arguments[i]);
            }
        }
        if (nodes != 3 && nodes != 5) {
            throw new IllegalArgumentException("--nodes is " + nodes + "; write 3 or 5");
        }
        Path target = Files.createDirectories(Path.of("target", "faults").toAbsolutePath());
        Path folder = Files.createTempDirectory(target, "seed-" + seed + "-");
        return new FaultsRun.Plan(Duration.ofSeconds(seconds), seed, nodes, log, Fault.parse(faults), folder);
    }
}
