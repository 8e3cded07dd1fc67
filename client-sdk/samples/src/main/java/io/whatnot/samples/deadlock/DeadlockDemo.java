package io.whatnot.samples.deadlock;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Two processes lock /alice and /bob, in opposite orders, and each has its first when it asks for its second. Ends with 0 if
 * exactly one of them was told of the deadlock, the other went on, and in the end both were done.
 */
public final class DeadlockDemo {
    private static final long PATIENCE_SECONDS = 60;

    private final long startNanos = System.nanoTime();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition said = lock.newCondition();
    private final List<String> lines = new ArrayList<>();

    private DeadlockDemo() {}

    /** Argument: endpoints. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        System.exit(new DeadlockDemo().run(arguments[0]) ? 0 : 1);
    }

    private boolean run(String endpoints) throws IOException, InterruptedException {
        Process one = start(endpoints, "one", "/alice", "/bob");
        Process other = start(endpoints, "other", "/bob", "/alice");
        try {
            await(() -> count("has locked") == 2);
            goOn(one);
            goOn(other);
            await(() -> count("is done") == 2);
        } finally {
            end(one);
            end(other);
        }
        boolean asItShould = count("is told at once") == 1;
        say(asItShould ? "one of them was told of the deadlock, and the other went on" : "that was no deadlock broken");
        return asItShould;
    }

    private Process start(String endpoints, String name, String first, String second) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-Dio.netty.allocator.type=pooled",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Transfer.class.getName(),
                        endpoints,
                        name,
                        first,
                        second)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread reader = new Thread(() -> read(name, process));
        reader.setDaemon(true);
        reader.start();
        return process;
    }

    private void read(String name, Process process) {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                say(String.format(Locale.ROOT, "%-6s %s", name, line));
            }
        } catch (IOException e) {
            say(name + " can't be heard any more: " + e);
        }
    }

    private void say(String line) {
        lock.lock();
        try {
            System.out.printf(Locale.ROOT, "%6.2f s  %s%n", (System.nanoTime() - startNanos) / 1e9, line);
            lines.add(line);
            said.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private long count(String words) {
        return lines.stream().filter(line -> line.contains(words)).count();
    }

    private void await(BooleanSupplier condition) throws InterruptedException {
        long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        lock.lock();
        try {
            while (!condition.getAsBoolean()) {
                left = said.awaitNanos(left);
                if (left <= 0) {
                    throw new IllegalStateException("they did not get on within " + PATIENCE_SECONDS + " s");
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private static void goOn(Process process) throws IOException {
        BufferedWriter orders =
                new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        orders.write("go on\n");
        orders.flush();
    }

    private static void end(Process process) throws InterruptedException {
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
