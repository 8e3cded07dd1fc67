package io.whatnot.node.cluster;

import static org.awaitility.Awaitility.await;

import io.whatnot.node.NodeMain;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A node, or another program of the tests, in a process of its own: {@link NodeMain} on this JVM's class path. It ends with
 * this JVM at the latest, for its standard input does.
 */
public final class NodeProcess implements AutoCloseable {
    private static final int EXIT_SECONDS = 20;

    private final Process process;
    private final Path log;

    private NodeProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** What runs in the process. */
    public static void main(String[] arguments) throws InterruptedException {
        Thread parent = new Thread(NodeProcess::endWithParent, "parent-watch");
        parent.setDaemon(true);
        parent.start();
        NodeMain.main(arguments);
    }

    private static void endWithParent() {
        try (InputStream in = System.in) {
            while (in.read() >= 0) {
                // nobody writes; the end is what is waited for
            }
        } catch (IOException e) {
            System.err.println("the parent's end is gone: " + e);
        }
        Runtime.getRuntime().halt(3);
    }

    /** Starts one; everything it prints goes to the end of that file. */
    static NodeProcess start(Path log, List<String> arguments) throws IOException {
        return start(log, NodeProcess.class, List.of(), arguments);
    }

    /**
     * Starts a program; everything it prints goes to the end of that file.
     *
     * @param program has to end by itself when its standard input does
     * @param flags for its JVM, besides those that all have
     */
    public static NodeProcess start(Path log, Class<?> program, List<String> flags, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // What newer JDKs want to be told, they were told for this JVM.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--"))
                .forEach(command::add);
        command.addAll(List.of("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-Dcom.google.protobuf.use_unsafe_pre22_gencode=true"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(flags);
        command.add(program.getName());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        // The settings of whoever runs the tests are none of the node's.
        builder.environment().keySet().removeIf(name -> name.startsWith("WHATNOT_"));
        return new NodeProcess(builder.start(), log);
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL; does not wait for the end. */
    void beginKill() {
        process.destroyForcibly();
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        awaitExit();
    }

    /** SIGTERM; tells the exit code. */
    public int terminate() throws IOException, InterruptedException {
        signal("TERM"); // Process.destroy would also close its standard input
        return awaitExit();
    }

    /** Waits for the process to end by itself; tells the exit code. */
    public int awaitExit() throws InterruptedException {
        if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the process does not end; it printed:\n" + output());
        }
        return process.exitValue();
    }

    /** SIGSTOP; returns when the process stands still. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
        await().atMost(Duration.ofSeconds(5)).until(() -> state() == 'T');
    }

    /** SIGCONT. */
    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    /** Lets it write no file beyond so many bytes, as a disk without room would; not even the superuser's processes may. */
    void limitFiles(long bytes) throws IOException, InterruptedException {
        int code = new ProcessBuilder("prlimit", "--pid=" + process.pid(), "--fsize=" + bytes)
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new AssertionError("prlimit ended with " + code);
        }
    }

    /** Writes a line to its standard input. */
    public void tell(String line) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
    }

    private void signal(String name) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new AssertionError("kill -" + name + " ended with " + code);
        }
    }

    /** The process's state as the kernel has it: the letter behind the name. */
    private char state() throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
        return stat.charAt(stat.lastIndexOf(')') + 2);
    }

    /** How many descriptors it has open. */
    int descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
            return (int) open.count();
        }
    }

    /** How much memory it has of the machine, in MiB. */
    long residentMib() throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                        .findFirst()
                        .orElseThrow()
                >> 10;
    }

    /** How much of its heap is used by what is still needed, in MiB; garbage is collected for that. */
    long liveHeapMib() throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(process.pid()),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String histogram = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        jcmd.waitFor();
        return histogram
                        .lines()
                        .filter(line -> line.startsWith("Total"))
                        .mapToLong(line -> Long.parseLong(line.trim().split(" +", -1)[2]))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(histogram))
                >> 20;
    }

    /** Everything that this process, and those before it with the same file, printed. */
    public String output() {
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            return "(the output can't be read: " + e + ")";
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
