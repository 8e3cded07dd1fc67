package io.whatnot.core.testing.mutants;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Plants the bugs, each in a copy of one class that a JVM of its own finds before the right one, and tells which were
 * found by the tests that are to find them. Those tests must pass where nothing is planted.
 */
final class MutantsMain {
    private static final int AT_ONCE = 2;
    /** Within so many seeds a bug must be found. */
    private static final int SEEDS = 200;
    /** For so many seeds a finder must find nothing where nothing is planted. */
    private static final int SEEDS_UNPLANTED = 10;

    private static final long SECONDS_MAX = 300;

    private final Path root;
    private final Path work;
    private final JavaCompiler compiler;

    private MutantsMain(Path root, JavaCompiler compiler) {
        this.root = root;
        this.work = root.resolve("target/mutants");
        this.compiler = compiler;
    }

    /** The root of the checkout, and the names of the mutants, if not all are meant. */
    public static void main(String[] args) throws IOException, InterruptedException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            System.err.println("This Java has no compiler: use a JDK.");
            System.exit(1);
            return;
        }
        Path root = Path.of(args[0]).toAbsolutePath().normalize();
        Set<String> names = Stream.of(args).skip(1).collect(Collectors.toSet());
        List<Mutant> mutants = Mutant.all(root).stream()
                .filter(mutant -> names.isEmpty() || names.contains(mutant.name()))
                .toList();
        if (mutants.isEmpty() || (!names.isEmpty() && mutants.size() != names.size())) {
            System.err.println("Not all of " + names + " are mutants of core/src/test/resources/mutants.");
            System.exit(1);
        }
        System.exit(new MutantsMain(root, compiler).run(mutants) ? 0 : 1);
    }

    private boolean run(List<Mutant> mutants) throws IOException, InterruptedException {
        deleteAll(work);
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            boolean allPass = passUnplanted(threads, mutants);
            boolean allFound = findAll(threads, mutants);
            return allPass && allFound;
        } finally {
            threads.shutdownNow();
        }
    }

    private boolean passUnplanted(ExecutorService threads, List<Mutant> mutants) throws InterruptedException {
        Map<Finder, Future<Verdict>> running = new LinkedHashMap<>();
        for (Mutant mutant : mutants) {
            running.computeIfAbsent(mutant.finder(), finder -> threads.submit(unplanted(finder, running.size() + 1)));
        }
        boolean allPass = true;
        for (Map.Entry<Finder, Future<Verdict>> finder : running.entrySet()) {
            Verdict verdict = get(finder.getValue());
            if (verdict.code != FinderMain.PASSED) {
                allPass = false;
                System.out.println(
                        "FAILS WITH NOTHING PLANTED: " + finder.getKey().shortName() + ": " + verdict);
            }
        }
        System.out.println(running.size()
                + (running.size() == 1 ? " finder" : " finders")
                + (allPass ? ": nothing found where nothing is planted" : ""));
        return allPass;
    }

    private boolean findAll(ExecutorService threads, List<Mutant> mutants) throws InterruptedException {
        List<Future<Verdict>> running =
                mutants.stream().map(mutant -> threads.submit(planted(mutant))).toList();
        int found = 0;
        for (int i = 0; i < mutants.size(); i++) {
            Mutant mutant = mutants.get(i);
            Verdict verdict = get(running.get(i));
            boolean isFound = verdict.code == FinderMain.FOUND;
            found += isFound ? 1 : 0;
            System.out.println(
                    mutant.invariant() + " " + mutant.name() + ": " + (isFound ? "found by " : "NOT FOUND by ")
                            + mutant.finder().shortName() + ", " + verdict);
        }
        System.out.println("planted=" + mutants.size() + " found=" + found);
        return found == mutants.size();
    }

    /**
     * What came of a run.
     *
     * @param code as of {@link FinderMain}
     * @param text when found the seed, or nothing where there are none; else what went wrong
     * @param millis how long it took
     */
    private record Verdict(int code, String text, long millis) {
        @Override
        public String toString() {
            String what = code != FinderMain.FOUND ? text : text.isEmpty() ? "an example" : seeds(text);
            return what + ", " + millis / 1_000 + "." + millis / 100 % 10 + " s";
        }

        private static String seeds(String last) {
            return last.equals("1") ? "1 seed" : last + " seeds";
        }
    }

    private static Verdict get(Future<Verdict> verdict) throws InterruptedException {
        try {
            return verdict.get();
        } catch (ExecutionException e) {
            return new Verdict(FinderMain.BROKEN, String.valueOf(e.getCause()), 0);
        }
    }

    private Callable<Verdict> unplanted(Finder finder, int number) {
        return () -> run(finder, work.resolve("unplanted-" + number), SEEDS_UNPLANTED);
    }

    private Callable<Verdict> planted(Mutant mutant) {
        return () -> {
            Path folder = work.resolve(mutant.name());
            compile(mutant, folder);
            return run(mutant.finder(), folder, SEEDS);
        };
    }

    /** Compiles the source with the bug in it against all other classes as they are. */
    private void compile(Mutant mutant, Path folder) throws IOException {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Path source = folder.resolve("source").resolve(mutant.source());
        Files.createDirectories(source.resolve(".."));
        Files.writeString(source, mutant.planted(root));
        List<String> options = List.of(
                "-d",
                classes.toString(),
                "-cp",
                classPath(mutant.module()),
                "-proc:none",
                "-nowarn",
                "-g",
                "-implicit:none");
        StringWriter problems = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            if (!compiler.getTask(problems, files, null, options, null, files.getJavaFileObjects(source))
                    .call()) {
                throw new IOException(mutant.name() + " does not compile:\n" + problems);
            }
        }
    }

    /** Runs a finder in a JVM of its own, with one processor, so that seeds are run in order. */
    private Verdict run(Finder finder, Path folder, int seeds) throws IOException, InterruptedException {
        Path temporary = Files.createDirectories(folder.resolve("tmp"));
        Path output = folder.resolve("output");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:ActiveProcessorCount=1",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx1g",
                "-Djava.io.tmpdir=" + temporary,
                "-Dseeds=" + seeds));
        command.addAll(finder.settings());
        command.addAll(List.of(
                "-cp",
                folder.resolve("classes") + ":" + classPath(finder.module()) + ":" + classPath("core"),
                FinderMain.class.getName(),
                finder.testClass()));
        if (!finder.method().isEmpty()) {
            command.add(finder.method());
        }
        long begun = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .directory(root.resolve(finder.module()).toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                return new Verdict(FinderMain.BROKEN, "not done after " + SECONDS_MAX + " s", SECONDS_MAX * 1_000);
            }
        } finally {
            process.destroyForcibly();
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        String verdict = "it says nothing";
        for (String line : Files.readAllLines(output)) {
            if (line.startsWith(FinderMain.VERDICT)) {
                verdict = line.substring(FinderMain.VERDICT.length());
            }
        }
        return new Verdict(process.exitValue(), verdict, millis);
    }

    /** The class path of a module's tests. */
    private String classPath(String module) throws IOException {
        Path target = root.resolve(module).resolve("target");
        return target.resolve("test-classes") + ":" + target.resolve("classes") + ":"
                + Files.readString(target.resolve("test-class-path")).strip();
    }

    private static void deleteAll(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
