package io.whatnot.cli;

import io.whatnot.client.Namespace;
import io.whatnot.client.Prune;
import io.whatnot.core.model.PruneView;
import io.whatnot.core.model.Result;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands about pruning. */
final class PruneCommands {
    private PruneCommands() {}

    /** Sets a policy, or takes it away. */
    @Command(
            name = "prune",
            mixinStandardHelpOptions = true,
            description = "Says when idle elements at and below a path are removed. \"get -l\" shows what is in force.")
    static final class Set extends ElementCommands.OnElement {
        @Parameters(paramLabel = "PATH")
        private String path = "";

        @ArgGroup(multiplicity = "1")
        private Choice choice = new Choice();

        @Option(names = "--retain-values", description = "With --idle-after: keep elements that hold a value.")
        private boolean retainValues;

        static final class Choice {
            @Option(
                    names = "--idle-after",
                    paramLabel = "TIME",
                    description = "Remove what nobody has had to do with for so long: 90s, 15m, 12h, 30d.")
            private Optional<String> idleAfter = Optional.empty();

            @Option(names = "--never", description = "Remove nothing here, whatever holds further up.")
            private boolean never;

            @Option(names = "--remove", description = "Take the path's policy away: the one further up holds again.")
            private boolean remove;
        }

        @Override
        int run(Namespace namespace, PrintWriter out) throws InterruptedException {
            if (retainValues && choice.idleAfter.isEmpty()) {
                throw new IllegalArgumentException("--retain-values goes with --idle-after alone");
            }
            if (choice.remove) {
                namespace.removePrunePolicy(path);
                return 0;
            }
            Prune policy = choice.never ? Prune.never() : Prune.idleAfter(time(choice.idleAfter.orElseThrow()));
            namespace.prunePolicy(path, retainValues ? policy.retainingValues() : policy);
            return 0;
        }
    }

    /** All policies of a namespace. */
    @Command(
            name = "policies",
            mixinStandardHelpOptions = true,
            description = "Lists the policies by which idle elements of a namespace are removed.")
    static final class Policies extends ElementCommands.OnElement {
        @Override
        int run(Namespace namespace, PrintWriter out) throws InterruptedException {
            List<Result.PolicyView> policies = namespace.prunePolicies();
            policies.forEach(policy -> out.println(policy.path() + "  "
                    + (policy.never()
                            ? "never"
                            : "after " + policy.idleAfterMillis() + " ms idle"
                                    + (policy.retainValues() ? ", unless it holds a value" : ""))));
            if (policies.isEmpty()) {
                out.println("nothing is pruned in namespace " + namespace.name());
            }
            return 0;
        }
    }

    /** Keeps an element. */
    @Command(
            name = "touch",
            mixinStandardHelpOptions = true,
            description = "Keeps an element from being pruned as if it had been changed now.")
    static final class Touch extends ElementCommands.OnElement {
        @Parameters(paramLabel = "PATH")
        private String path = "";

        @Override
        int run(Namespace namespace, PrintWriter out) throws InterruptedException {
            namespace.touch(path);
            return 0;
        }
    }

    private static final Pattern TIME = Pattern.compile("([0-9]{1,9})([smhd])");

    /** A time as people write it: a number and s, m, h or d. */
    static Duration time(String text) {
        Matcher time = TIME.matcher(text.toLowerCase(Locale.ROOT));
        if (!time.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no time: give a number and s, m, h or d, like 90s or 12h");
        }
        long number = Long.parseLong(time.group(1));
        return switch (time.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    /** What is in force for an element. */
    static String words(PruneView prune) {
        if (prune.never()) {
            return "never, by " + prune.policy();
        }
        long left = Math.max(0, prune.idleAfterMillis() - prune.idleMillis());
        return "after " + prune.idleAfterMillis() + " ms idle, by " + prune.policy()
                + (prune.retainValues() ? ", unless it holds a value" : "") + "; idle for " + prune.idleMillis()
                + " ms, " + left + " ms left";
    }
}
