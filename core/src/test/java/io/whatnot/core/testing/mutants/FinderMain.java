package io.whatnot.core.testing.mutants;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the tests of a class, or one of them, in a JVM of its own until one fails, and says what came of it in the last
 * line and in the exit code.
 */
final class FinderMain {
    /** No test failed. */
    static final int PASSED = 0;

    /** A test failed by an assertion. */
    static final int FOUND = 1;

    /** Something failed that says nothing of the product, or no test ran. */
    static final int BROKEN = 2;

    /** What the line with the verdict begins with. */
    static final String VERDICT = "verdict: ";

    private static final Pattern SEED = Pattern.compile("\\bseed (\\d+)");

    private FinderMain() {}

    /** The name of the class, and of its test if it is to be that one alone. */
    public static void main(String[] args) throws ClassNotFoundException {
        Class<?> tests = Class.forName(args[0]);
        List<DiscoverySelector> selectors = new ArrayList<>();
        if (args.length == 1) {
            selectors.add(selectClass(tests));
        } else {
            Stream.of(tests.getDeclaredMethods())
                    .filter(method -> method.getName().equals(args[1]))
                    .forEach(method -> selectors.add(selectMethod(tests, method)));
        }
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request().selectors(selectors).build();
        Launcher launcher = LauncherFactory.create();
        Watcher watcher = new Watcher();
        launcher.execute(request, watcher);
        if (watcher.broken != null) {
            end(BROKEN, watcher.broken);
        } else if (watcher.passed == 0) {
            end(BROKEN, "no test ran");
        } else {
            end(PASSED, watcher.passed + (watcher.passed == 1 ? " test passed" : " tests passed"));
        }
    }

    /** Ends at once: who failed may have left threads behind that never end. */
    private static void end(int code, String verdict) {
        System.out.println("\n" + VERDICT + verdict);
        System.out.flush();
        Runtime.getRuntime().halt(code);
    }

    private static final class Watcher implements TestExecutionListener {
        private int passed;
        private @Nullable String broken;

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (result.getStatus() == TestExecutionResult.Status.SUCCESSFUL) {
                passed += test.isTest() ? 1 : 0;
                return;
            }
            Throwable failure = result.getThrowable().orElse(null);
            if (failure != null) {
                failure.printStackTrace(System.out);
            }
            if (failure instanceof AssertionError && !isLinkage(failure)) {
                Matcher seed = SEED.matcher(String.valueOf(failure.getMessage()));
                end(FOUND, seed.find() ? seed.group(1) : "");
            }
            broken = test.getDisplayName() + ": " + failure; // another may yet fail by an assertion
        }

        /** Whether the planted class did not fit to the others: then its bug has shown nothing. */
        private static boolean isLinkage(@Nullable Throwable failure) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof LinkageError) {
                    return true;
                }
            }
            return false;
        }
    }
}
