package io.whatnot.node.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that a node can't start with. Lists everything that is wrong with it, each with where and what to do. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // what List.copyOf makes is serializable
    private final List<String> problems;

    ConfigException(List<String> problems) {
        super(problems.stream()
                .map(problem -> "\n  - " + problem)
                .collect(Collectors.joining(
                        "",
                        "the configuration has " + problems.size()
                                + (problems.size() == 1 ? " problem:" : " problems:"),
                        "")));
        this.problems = List.copyOf(problems);
    }

    /** The problems, one by one. */
    public List<String> problems() {
        return problems;
    }
}
