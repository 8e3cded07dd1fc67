package io.whatnot.core.testing.mutants;

import java.nio.file.Path;
import java.util.List;

/**
 * What is to find a bug: the tests of a class, or one of them, with settings.
 *
 * @param module the folder of the module whose test it is
 * @param testClass its full name
 * @param method one of its tests; empty for all
 * @param settings what is given to the JVM that runs it: {@code -Dname=value}
 */
record Finder(String module, String testClass, String method, List<String> settings) {
    Finder {
        settings = List.copyOf(settings);
    }

    /** Reads {@code module class[#method] [-Dname=value …]}. */
    static Finder parse(String text) {
        List<String> words = List.of(text.split(" "));
        if (words.size() < 2 || !words.stream().skip(2).allMatch(word -> word.startsWith("-D"))) {
            throw new IllegalArgumentException("a finder is a module, a test and settings, not \"" + text + "\"");
        }
        String test = words.get(1);
        int hash = test.indexOf('#');
        return new Finder(
                words.get(0),
                hash < 0 ? test : test.substring(0, hash),
                hash < 0 ? "" : test.substring(hash + 1),
                words.subList(2, words.size()));
    }

    /** The source of its test class. */
    Path source(Path root) {
        return root.resolve(module).resolve("src/test/java").resolve(testClass.replace('.', '/') + ".java");
    }

    /** For people. */
    String shortName() {
        String simple = testClass.substring(testClass.lastIndexOf('.') + 1);
        return method.isEmpty() ? simple : simple + "." + method;
    }
}
