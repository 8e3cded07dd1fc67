package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents name what is there. */
final class DocumentsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern NAMED = Pattern.compile("`(\\w+Test)?(?:\\.(\\w+))?`");
    private static final Pattern INVARIANT = Pattern.compile("\\bI\\d+\\b");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

    @Test
    void everyTestThatHoldsAPromiseExists() throws IOException {
        assertThat(missingTests("guarantees.md")).isEmpty();
    }

    @Test
    void noPromiseIsWithoutATestOrAnInvariant() throws IOException {
        String testing = Files.readString(ROOT.resolve("docs").resolve("testing.md"));
        List<String> promises = Files.readAllLines(ROOT.resolve("docs").resolve("guarantees.md")).stream()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| promise"))
                .toList();
        assertThat(promises).hasSizeGreaterThan(100);
        assertThat(promises).allSatisfy(line -> {
            String[] cells = line.split(" \\| |^\\| | \\|$");
            assertThat(cells).as("an empty cell, a promise, what holds it").hasSize(3);
            assertThat(cells[1]).isNotBlank();
            assertThat(cells[2]).containsPattern("`\\w+Test[.`]|\\bI\\d+\\b");
            for (MatchResult invariant : INVARIANT.matcher(cells[2]).results().toList()) {
                assertThat(testing).containsPattern("\\b" + invariant.group() + "\\b");
            }
        });
    }

    @Test
    void everyTestOfTheTrackRecordExists() throws IOException {
        assertThat(missingTests("track-record.md")).isEmpty();
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            Matcher links = LINK.matcher(Files.readString(page));
            while (links.find()) {
                if (!Files.exists(page.resolveSibling(links.group(1)))) {
                    broken.add(page + ": " + links.group(1));
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            docs.filter(page -> page.toString().endsWith(".md")).forEach(pages::add);
        }
        pages.add(ROOT.resolve("README.md"));
        pages.add(ROOT.resolve("CHANGELOG.md"));
        return pages;
    }

    /** Those that a page names as {@code Class}, {@code Class.method}, or, of the class named last, {@code .method}. */
    private static List<String> missingTests(String page) throws IOException {
        Map<String, String> sources = testSources();
        List<String> missing = new ArrayList<>();
        Matcher names = NAMED.matcher(Files.readString(ROOT.resolve("docs").resolve(page)));
        String current = "";
        int found = 0;
        while (names.find()) {
            if (names.group(1) == null && names.group(2) == null) {
                continue;
            }
            current = names.group(1) == null ? current : names.group(1);
            String method = names.group(2);
            String source = sources.getOrDefault(current, "");
            if (source.isEmpty() || (method != null && !source.contains(" " + method + "("))) {
                missing.add(current + (method == null ? "" : "." + method));
            }
            found++;
        }
        assertThat(found).as("tests named in %s", page).isPositive();
        return missing;
    }

    /** What is written in the test classes of each name, of all modules. */
    private static Map<String, String> testSources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (String module : List.of("core", "client-sdk", "raft-node")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module))) {
                for (Path file : files.filter(f -> f.toString().endsWith("Test.java")
                                && f.toString().contains("src/test"))
                        .toList()) {
                    String name = file.getFileName().toString().replace(".java", "");
                    sources.merge(name, Files.readString(file), String::concat);
                }
            }
        }
        return sources;
    }
}
