package io.whatnot.samples.indexer;

import io.whatnot.client.Namespace;
import io.whatnot.core.model.ElementView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Holds what the workers have left behind against the file system, and their watches against each other. */
final class Verification {
    private final List<String> lines = new ArrayList<>();
    private int violations;

    private void check(boolean holds, String what) {
        lines.add((holds ? "  ok    " : "  WRONG ") + what);
        violations += holds ? 0 : 1;
    }

    List<String> lines() {
        return lines;
    }

    int violations() {
        return violations;
    }

    /** Every file indexed, once, with its true digest, and nothing else; every directory done. */
    void index(Namespace index, FileTree tree, Map<String, Path> directories) throws IOException, InterruptedException {
        Map<String, String> expected = new LinkedHashMap<>();
        for (Map.Entry<String, Path> directory : directories.entrySet()) {
            for (Path file : tree.files(directory.getValue())) {
                expected.put("/work/" + directory.getKey() + "/" + file.getFileName(), FileTree.digest(file));
            }
        }
        int done = 0;
        int right = 0;
        int once = 0;
        int strange = 0;
        for (ElementView element : index.subtree("/work")) {
            if (element.path().depth() == 2) {
                done += element.value().text().startsWith(EventLog.DONE) ? 1 : 0;
            } else if (expected.containsKey(element.path().toString())) {
                right += element.value()
                                .text()
                                .equals(expected.get(element.path().toString()))
                        ? 1
                        : 0;
                once += element.version() == 1 ? 1 : 0;
            } else {
                strange++;
            }
        }
        check(done == directories.size(), done + " of " + directories.size() + " directories are done");
        check(
                right == expected.size() && strange == 0,
                right + " of " + expected.size() + " files have their true SHA-256, and " + strange
                        + " are in the index that are not in the tree");
        check(once == expected.size(), once + " of " + expected.size() + " files were written exactly once");
    }

    /** The file that only a lease protected is exact, and its tokens grew from write to write. */
    void totals(TotalsFile file, FileTree tree, Map<String, Path> directories) throws IOException {
        long files = 0;
        long bytes = 0;
        for (Path directory : directories.values()) {
            for (Path one : tree.files(directory)) {
                files++;
                bytes += Files.size(one);
            }
        }
        TotalsFile.Totals totals = file.read();
        check(
                totals.files() == files && totals.bytes() == bytes,
                "the totals say " + totals.files() + " files, " + totals.bytes() + " bytes; the tree has " + files
                        + ", " + bytes);
        List<Long> tokens = file.tokens();
        boolean growing = true;
        for (int i = 1; i < tokens.size(); i++) {
            growing &= tokens.get(i) > tokens.get(i - 1);
        }
        check(
                growing && tokens.size() == directories.size(),
                tokens.size() + " writes of the totals, with strictly growing tokens");
    }

    /** A worker that was paused past its ttl tried to write, and was refused by everybody. */
    void stale(WorkerProcess paused) {
        check(
                paused.hasSaid("stale client LEASE_LOST"),
                paused.name + " tried to write when it was resumed: its own client said "
                        + paused.saidBeginning("stale client"));
        check(
                paused.hasSaid("stale servers STALE_TOKEN"),
                "  it insisted: the servers said " + paused.saidBeginning("stale servers"));
        check(
                paused.hasSaid("stale token OLD"),
                "  and the file it had read bears a higher token by now: " + paused.saidBeginning("stale token"));
    }

    /** No worker's watch has a gap, or anything twice: what any has seen, all have that were watching then. */
    void watches(Map<String, Path> logs, List<String> whole) throws IOException {
        NavigableMap<Long, String> all = new TreeMap<>();
        Map<String, List<String[]>> events = new LinkedHashMap<>();
        for (Map.Entry<String, Path> log : logs.entrySet()) {
            List<String[]> own = new ArrayList<>();
            for (String line : Files.readAllLines(log.getValue())) {
                String[] words = line.split(" ", -1);
                own.add(words);
                if (words[0].equals("event") && words.length == 5) {
                    all.put(key(words), line);
                }
            }
            events.put(log.getKey(), own);
        }
        for (Map.Entry<String, List<String[]>> entry : events.entrySet()) {
            watch(entry.getKey(), entry.getValue(), all, whole.contains(entry.getKey()));
        }
    }

    private void watch(String name, List<String[]> words, NavigableMap<Long, String> all, boolean toTheEnd) {
        long start = -1;
        long last = -1;
        int repeats = 0;
        int count = 0;
        int resynced = 0;
        for (String[] line : words) {
            if (line[0].equals("start")) {
                start = Long.parseLong(line[1]) << 16 | 0xffff;
                last = start;
            } else if (line[0].equals("event") && line.length == 5) {
                repeats += key(line) <= last ? 1 : 0;
                last = key(line);
                count++;
            } else if (line[0].equals("resynced")) {
                resynced++;
            }
        }
        long end = toTheEnd ? Long.MAX_VALUE : last;
        int expected = all.subMap(start, false, end, true).size();
        check(
                start >= 0 && repeats == 0 && resynced == 0 && count == expected,
                name + "'s watch saw " + count + " of " + expected + " events in order, " + repeats + " twice"
                        + (toTheEnd ? "" : ", until it was killed"));
    }

    /** Revision and index as one number. */
    private static long key(String[] event) {
        return Long.parseLong(event[1]) << 16 | Long.parseLong(event[2]);
    }
}
