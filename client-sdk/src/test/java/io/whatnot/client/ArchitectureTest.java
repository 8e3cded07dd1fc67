package io.whatnot.client;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.whatnot.client.internal.ManagerBuilder;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** What users get to see, what the SDK may know, and where time, chance and threads come from. */
final class ArchitectureTest {
    private static final String API = "io.whatnot.client";
    private static final String WIRE = "io.whatnot.client.internal.wire..";

    private static final JavaClasses SDK = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(API);

    private static final SliceAssignment BY_PACKAGE = new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass each) {
            return each.getPackageName().startsWith(API)
                    ? SliceIdentifier.of(each.getPackageName())
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "packages of the SDK";
        }
    };

    // ---- what users get to see

    @Test
    void thePublicApiShowsTypesOfTheJdkOfTheModelAndItsOwnAlone() {
        Set<String> foreign = new TreeSet<>();
        List<JavaClass> shown = SDK.stream()
                .filter(each ->
                        each.getPackageName().equals(API) && each.getModifiers().contains(JavaModifier.PUBLIC))
                .toList();
        assertThat(shown).extracting(JavaClass::getSimpleName).contains("NamespaceManager", "LeaseContext", "Put");
        for (JavaClass each : shown) {
            Stream.concat(each.getRawInterfaces().stream(), each.getRawSuperclass().stream())
                    .filter(ArchitectureTest::isForeign)
                    .forEach(type -> foreign.add(each.getName() + " is a " + type.getName()));
            for (JavaMember member : each.getMembers()) {
                if (member.getModifiers().contains(JavaModifier.PUBLIC)
                        || member.getModifiers().contains(JavaModifier.PROTECTED)) {
                    typesOf(member)
                            .filter(ArchitectureTest::isForeign)
                            .forEach(type -> foreign.add(member.getFullName() + " shows " + type.getName()));
                }
            }
        }
        assertThat(foreign).isEmpty();
    }

    private static Stream<JavaClass> typesOf(JavaMember member) {
        Stream<JavaType> types;
        if (member instanceof JavaField field) {
            types = Stream.of(field.getType());
        } else {
            JavaCodeUnit unit = (JavaCodeUnit) member;
            types = Stream.concat(
                    Stream.concat(Stream.of(unit.getReturnType()), unit.getParameterTypes().stream()),
                    unit.getExceptionTypes().stream());
        }
        return types.flatMap(type -> type.getAllInvolvedRawTypes().stream());
    }

    private static boolean isForeign(JavaClass type) {
        String name = type.getBaseComponentType().getPackageName();
        return !type.getBaseComponentType().isPrimitive()
                && !name.startsWith("java.")
                && !name.equals(API)
                && !name.equals("io.whatnot.core.model");
    }

    @Test
    void theApiKnowsTheInsideWhereManagersAreMadeAlone() {
        noClasses()
                .that()
                .resideInAPackage(API)
                .and()
                .doNotBelongToAnyOf(NamespaceManager.class)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.whatnot.client.internal..")
                .check(SDK);
    }

    @Test
    void thePackagesKnowEachOtherInOneDirection() {
        slices().assignedFrom(BY_PACKAGE)
                .should()
                .beFreeOfCycles()
                .ignoreDependency(NamespaceManager.class, ManagerBuilder.class) // the only way in
                .check(SDK);
    }

    // ---- what the SDK may know

    @Test
    void theSdkKnowsNothingOfConsensus() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.alipay..", "org.rocksdb..", "com.caucho..")
                .check(SDK);
    }

    @Test
    void theSdkKnowsNothingOfTheServers() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAPackage("io.whatnot..")
                        .and(not(resideInAPackage("io.whatnot.client..")))
                        .and(not(resideInAPackage("io.whatnot.core.."))))
                .check(SDK);
    }

    @Test
    void onlyTheWireKnowsTheTransport() {
        noClasses()
                .that()
                .resideOutsideOfPackage(WIRE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.grpc..", "io.netty..", "com.google.common..")
                .check(SDK);
    }

    @Test
    void theSdkAppliesNoCommandsItself() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.whatnot.core.state..")
                .check(SDK);
    }

    // ---- time, chance and threads come from outside

    @Test
    void theOnlyClockIsTheOneThatIsGiven() {
        nobody(
                "reads a clock of its own",
                calls(System.class, "currentTimeMillis|nanoTime")
                        .or(call -> call.getTargetOwner().getPackageName().startsWith("java.time")
                                && call.getName().equals("now")));
        noClasses().should().dependOnClassesThat(assignableTo(Clock.class)).check(SDK);
        noClasses()
                .that()
                .doNotBelongToAnyOf(ManagerBuilder.class)
                .should()
                .callMethod(InstantSource.class, "system")
                .check(SDK);
    }

    @Test
    void theOnlyChanceIsTheOneThatIsGiven() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(ManagerBuilder.class)
                .should()
                .dependOnClassesThat(assignableTo(Random.class).or(assignableTo(UUID.class)))
                .check(SDK);
        nobody("draws lots of its own", calls(Math.class, "random"));
        assertThat(SDK.get(ManagerBuilder.class).getDirectDependenciesFromSelf())
                .as("secrets can't be guessed")
                .anySatisfy(each -> assertThat(each.getTargetClass().isEquivalentTo(SecureRandom.class))
                        .isTrue());
    }

    @Test
    void onlyTheBuilderMakesThreads() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(ManagerBuilder.class)
                .should()
                .dependOnClassesThat(assignableTo(ExecutorService.class)
                        .or(assignableTo(Executors.class))
                        .or(assignableTo(ThreadFactory.class)))
                .orShould()
                .callConstructorWhere(
                        describe("makes a thread", call -> call.getTargetOwner().isAssignableTo(Thread.class)))
                .check(SDK);
    }

    /** Those without an executor run on the threads of the common pool, those with a time on a timer of the JDK's. */
    @Test
    void noStageRunsOnThreadsOfTheJdks() {
        nobody(
                "starts a stage on nobody's executor",
                calls(CompletableFuture.class, ".*Async")
                        .and(call -> !call.getTarget().getRawParameterTypes().isEmpty()
                                && call.getTarget().getRawParameterTypes().stream()
                                        .noneMatch(type -> type.isAssignableTo(Executor.class))));
        nobody(
                "waits by a timer of the JDK's",
                calls(CompletableFuture.class, "orTimeout|completeOnTimeout|delayedExecutor"));
    }

    @Test
    void nobodySleeps() {
        nobody("sleeps", calls(Thread.class, "sleep"));
    }

    @Test
    void nothingStaticChanges() {
        fields().that().areStatic().should().beFinal().check(SDK);
    }

    @Test
    void everyPackageSaysThatNothingIsNullUnlessItSaysSo() {
        JavaPackage root = SDK.getPackage(API);
        List<JavaPackage> packages = Stream.concat(Stream.of(root), root.getSubpackagesInTree().stream())
                .filter(each -> !each.getClasses().isEmpty())
                .toList();
        assertThat(packages)
                .hasSizeGreaterThanOrEqualTo(3)
                .allSatisfy(each -> assertThat(each.isAnnotatedWith(NullMarked.class))
                        .as("%s has a package-info with @NullMarked", each.getName())
                        .isTrue());
    }

    private static void nobody(String does, Predicate<JavaCall<?>> forbidden) {
        DescribedPredicate<JavaCall<?>> predicate = describe(does, forbidden);
        noClasses().should().callCodeUnitWhere(predicate).as("nobody " + does).check(SDK);
    }

    private static Predicate<JavaCall<?>> calls(Class<?> owner, String names) {
        return call ->
                call.getTargetOwner().isEquivalentTo(owner) && call.getName().matches(names);
    }
}
