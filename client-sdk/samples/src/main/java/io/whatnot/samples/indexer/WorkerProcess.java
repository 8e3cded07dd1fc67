package io.whatnot.samples.indexer;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A worker as its own process, from the outside: what it says, and what can be done to it. */
final class WorkerProcess implements AutoCloseable {
    final String name;
    private final Process process;
    private final BufferedWriter orders;
    private final List<String> said = new CopyOnWriteArrayList<>();

    private WorkerProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.orders = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        Thread reader = new Thread(this::read);
        reader.setDaemon(true);
        reader.start();
    }

    static WorkerProcess start(String name, String endpoints, Path tree, Path folder, long paceMillis)
            throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-Dio.netty.allocator.type=pooled",
                "-cp",
                System.getProperty("java.class.path"),
                Worker.class.getName(),
                endpoints,
                name,
                tree.toString(),
                folder.toString(),
                Long.toString(paceMillis));
        File log = folder.resolve(name + ".log").toFile();
        return new WorkerProcess(
                name, new ProcessBuilder(command).redirectError(log).start());
    }

    private void read() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                said.add(line);
            }
        } catch (IOException e) {
            said.add("gone: " + e);
        }
    }

    boolean hasSaid(String line) {
        return said.contains(line);
    }

    /** What it has said that begins so. */
    List<String> saidBeginning(String beginning) {
        return said.stream().filter(line -> line.startsWith(beginning)).toList();
    }

    void order(String what) {
        try {
            orders.write(what + "\n");
            orders.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " does not listen", e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** As {@code kill -9}. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** STOP or CONT. */
    void signal(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    boolean awaitEnd(long seconds) throws InterruptedException {
        return process.waitFor(seconds, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
