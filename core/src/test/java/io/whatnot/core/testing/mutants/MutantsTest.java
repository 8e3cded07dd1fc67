package io.whatnot.core.testing.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What can be known of the bugs to be planted without planting them; {@code scripts/mutants} does that. */
class MutantsTest {
    /** I10 is of the subtree cache: there is none yet. */
    private static final Set<String> INVARIANTS = Set.of(
            "I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I11", "I12", "I13", "I14", "I15", "I16", "I17",
            "I18");

    private final Path root = Objects.requireNonNull(
            Path.of("").toAbsolutePath().getParent(), "the tests run in a folder of the checkout");
    private List<Mutant> mutants = List.of();

    @BeforeEach
    void read() throws IOException {
        mutants = Mutant.all(root);
    }

    @Test
    void whatAMutantReplacesIsInItsSourceOnce() throws IOException {
        for (Mutant mutant : mutants) {
            String source = Files.readString(root.resolve(mutant.source()));
            assertThat(mutant.planted(root)).as(mutant.name()).isNotEqualTo(source);
        }
    }

    @Test
    void whatIsToFindAMutantIsATest() throws IOException {
        for (Mutant mutant : mutants) {
            Finder finder = mutant.finder();
            assertThat(finder.source(root)).as(mutant.name()).exists();
            assertThat(Files.readString(finder.source(root)))
                    .as(mutant.name())
                    .containsPattern(
                            finder.method().isEmpty() ? "@(Parameterized)?Test" : "void " + finder.method() + "\\(");
        }
    }

    @Test
    void everyInvariantOfWhatThereIsHasAMutant() {
        assertThat(mutants).hasSizeGreaterThanOrEqualTo(20);
        assertThat(mutants).extracting(Mutant::invariant).containsAll(INVARIANTS);
    }

    @Test
    void thePageAboutTestingNamesEachMutantAndWhatFindsIt() throws IOException {
        List<String> lines = Files.readAllLines(root.resolve("docs/testing.md"));
        for (Mutant mutant : mutants) {
            String row = "| " + mutant.invariant() + " | " + mutant.bug() + " | `"
                    + mutant.finder().shortName() + "` |";
            assertThat(lines).as(mutant.name()).anyMatch(line -> line.startsWith(row));
        }
    }
}
