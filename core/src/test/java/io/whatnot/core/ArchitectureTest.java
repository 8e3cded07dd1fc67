package io.whatnot.core;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The arrows between packages, and what must not enter the state machine because it differs between nodes. */
class ArchitectureTest {
    private static final String MODEL = "io.whatnot.core.model..";
    private static final String PROTOCOL = "io.whatnot.core.protocol..";
    private static final String STATE = "io.whatnot.core.state..";
    private static final String MAP = "io.whatnot.core.state.map..";
    private static final String ENGINE = "io.whatnot.core.engine..";
    private static final String OURS = "io.whatnot..";

    /** The packages of protocol that protoc writes. */
    private static final String[] GENERATED = {"io.whatnot.core.protocol.v1..", "io.whatnot.core.protocol.log.."};

    private static final List<String> CONCERNS = List.of("tree", "lock", "session");

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.whatnot.core");

    // ---- arrows

    @Test
    void theModelDependsOnNothingElseOfOurs() {
        classes()
                .that()
                .resideInAPackage(MODEL)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(MODEL, "java..", "org.jspecify..")
                .check(CORE);
    }

    @Test
    void theProtocolKnowsTheModelAloneAndWhatIsGeneratedForIt() {
        noClasses()
                .that()
                .resideInAPackage(PROTOCOL)
                .should()
                .dependOnClassesThat(resideInAPackage(OURS).and(not(resideInAnyPackage(MODEL, PROTOCOL))))
                .check(CORE);
    }

    @Test
    void theStateKnowsNothingOfWhatSurroundsIt() {
        noClasses()
                .that()
                .resideInAPackage(STATE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ENGINE, "io.grpc..", "com.google.common..")
                .check(CORE);
    }

    @Test
    void inTheStateOnlyImagesKnowTheFormOfTheWire() {
        noClasses()
                .that()
                .resideInAPackage(STATE)
                .and()
                .haveNameNotMatching("io\\.whatnot\\.core\\.state\\.Image.*")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(PROTOCOL, "com.google.protobuf..")
                .check(CORE);
    }

    @Test
    void theConcernsOfTheStateDontKnowEachOther() {
        for (String concern : CONCERNS) {
            String own = "io.whatnot.core.state." + concern + "..";
            classes()
                    .that()
                    .resideInAPackage(own)
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(own, MAP, MODEL, "java..", "org.jspecify..")
                    .check(CORE);
        }
    }

    @Test
    void theMapsOfTheStateKnowNothingOfWhatTheyHold() {
        classes()
                .that()
                .resideInAPackage(MAP)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(MAP, "java..", "org.jspecify..")
                .check(CORE);
    }

    @Test
    void everyPackageOfTheStateIsAConcernTheirMapsOrWhatCrossesThem() {
        assertThat(CORE.getPackage("io.whatnot.core.state").getSubpackages().stream()
                        .map(JavaPackage::getRelativeName))
                .as("a new concern is to be held by the rules above too")
                .containsExactlyInAnyOrder("tree", "lock", "session", "map");
    }

    @Test
    void coreHasNoTransportAndNoConsensus() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "io.grpc.netty..", "com.alipay..", "org.rocksdb..")
                .check(CORE);
    }

    // ---- what differs between nodes does not enter the state

    @Test
    void theStateReadsNoClock() {
        theStateDoesNotCall(
                "read a clock",
                calls(System.class, "currentTimeMillis|nanoTime")
                        .or(call -> call.getTargetOwner().getPackageName().startsWith("java.time")
                                && call.getName().equals("now")));
        theStateDoesNotUse(Clock.class);
    }

    @Test
    void theStateDrawsNoLots() {
        theStateDoesNotUse(Random.class, UUID.class, SecureRandom.class);
        theStateDoesNotCall("draw lots", calls(Math.class, "random"));
    }

    @Test
    void theStateHasNoThreadsAndNoLocksOfItsOwn() {
        noClasses()
                .that()
                .resideInAPackage(STATE)
                .should()
                .dependOnClassesThat(resideInAPackage("java.util.concurrent..")
                        .or(assignableTo(Thread.class))
                        .or(assignableTo(ThreadLocal.class)))
                .check(CORE);
        methods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAPackage(STATE)
                .should()
                .notHaveModifier(JavaModifier.SYNCHRONIZED)
                .check(CORE);
    }

    @Test
    void theStateDoesNoInputOrOutput() {
        noClasses()
                .that()
                .resideInAPackage(STATE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net..", "java.nio.file..", "java.nio.channels..")
                .check(CORE);
        noClasses()
                .that()
                .resideInAPackage(STATE)
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.io\\.(File.*|RandomAccessFile|PrintStream|Console)")
                .check(CORE);
    }

    /** Not even where nobody goes through them: that is hard to see, and harder to keep so. */
    @Test
    void theStateHasNoCollectionWhoseOrderIsLeftToChance() {
        theStateDoesNotUse(IdentityHashMap.class, WeakHashMap.class, Hashtable.class);
        // Their linked subclasses keep the order of insertion.
        noClasses()
                .that()
                .resideInAPackage(STATE)
                .should()
                .dependOnClassesThat(describe(
                        "are HashMap or HashSet",
                        target -> target.isEquivalentTo(HashMap.class) || target.isEquivalentTo(HashSet.class)))
                .check(CORE);
        theStateDoesNotCall(
                "make a collection whose order differs from one process to the other",
                calls(Set.class, "of|copyOf")
                        .or(calls(Map.class, "of|copyOf|ofEntries"))
                        .or(calls(Collectors.class, "to(Unmodifiable)?(Set|Map)|groupingBy|partitioningBy")));
    }

    @Test
    void theStateAsksNoObjectForItsIdentity() {
        theStateDoesNotCall("ask for an identity hash", calls(System.class, "identityHashCode"));
    }

    @Test
    void theStateAsksNoNodeForItsConfigurationOrLanguage() {
        theStateDoesNotUse(Locale.class);
        theStateDoesNotCall(
                "ask for the configuration or the language of the node",
                calls(System.class, "getProperty|getProperties|getenv")
                        .or(calls(String.class, "format|formatted|toLowerCase|toUpperCase")));
    }

    @Test
    void theStateDoesNotReckonInFloatingPoint() {
        noFields()
                .that()
                .areDeclaredInClassesThat()
                .resideInAPackage(STATE)
                .should()
                .haveRawType(double.class)
                .orShould()
                .haveRawType(float.class)
                .check(CORE);
        methods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAPackage(STATE)
                .should()
                .notHaveRawReturnType(double.class)
                .andShould()
                .notHaveRawReturnType(float.class)
                .check(CORE);
    }

    @Test
    void nothingStaticChanges() {
        fields().that()
                .areStatic()
                .and()
                .areDeclaredInClassesThat(resideInAnyPackage(MODEL, STATE))
                .should()
                .beFinal()
                .check(CORE);
    }

    // ---- null

    @Test
    void everyPackageSaysThatNothingIsNullUnlessItSaysSo() {
        List<JavaPackage> packages = CORE.getPackage("io.whatnot.core").getSubpackagesInTree().stream()
                .filter(each -> each.getClasses().stream().anyMatch(not(resideInAnyPackage(GENERATED))))
                .toList();
        assertThat(packages).extracting(JavaPackage::getName).contains("io.whatnot.core.model");
        assertThat(packages)
                .allSatisfy(each -> assertThat(each.isAnnotatedWith(NullMarked.class))
                        .as("%s has a package-info with @NullMarked", each.getName())
                        .isTrue());
    }

    private static void theStateDoesNotUse(Class<?>... these) {
        noClasses()
                .that()
                .resideInAPackage(STATE)
                .should()
                .dependOnClassesThat(describe(
                        "are " + Arrays.toString(these),
                        target -> Arrays.stream(these).anyMatch(target::isAssignableTo)))
                .check(CORE);
    }

    private static void theStateDoesNotCall(String what, Predicate<JavaCall<?>> forbidden) {
        DescribedPredicate<JavaCall<?>> predicate = describe(what, forbidden);
        noClasses()
                .that()
                .resideInAPackage(STATE)
                .should()
                .callCodeUnitWhere(predicate)
                .as("the state does not " + what)
                .check(CORE);
    }

    private static Predicate<JavaCall<?>> calls(Class<?> owner, String names) {
        return call ->
                call.getTargetOwner().isEquivalentTo(owner) && call.getName().matches(names);
    }
}
