package io.whatnot.node;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.whatnot.core.engine.ReplicatedLog;
import io.whatnot.core.wire.Endpoints;
import io.whatnot.node.raft.GrpcRaftRpcFactory;
import io.whatnot.node.raft.IdleRaftTimerFactory;
import io.whatnot.node.raft.RaftLog;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The arrows between a node's packages, and where the outside world is let in. */
class ArchitectureTest {
    private static final String NODE = "io.whatnot.node";
    private static final String RAFT = "io.whatnot.node.raft..";
    private static final String RPC = "io.whatnot.node.rpc..";
    private static final String CONFIG = "io.whatnot.node.config..";
    private static final String NET = "io.whatnot.node.net..";
    private static final String JRAFT = "com.alipay..";

    /** What protoc writes. */
    private static final String GENERATED = "io.whatnot.node.raft.v1..";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(NODE);

    // ---- arrows

    @Test
    void onlyTheLogKnowsJRaftAndRocksDB() {
        noClasses()
                .that()
                .resideOutsideOfPackage(RAFT)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(JRAFT, "org.rocksdb..")
                .check(CLASSES);
    }

    @Test
    void whatTheLogShowsToOthersHasNothingOfJRaft() {
        noMethods()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .arePublic()
                .and()
                .areDeclaredInClassesThat(resideInAPackage(RAFT)
                        .and(not(belongToAnyOf(GrpcRaftRpcFactory.class, IdleRaftTimerFactory.class))))
                .should()
                .haveRawReturnType(resideInAPackage(JRAFT))
                .orShould()
                .haveRawParameterTypes(describe(
                        "of JRaft",
                        types -> types.stream()
                                .anyMatch(type -> resideInAPackage(JRAFT).test(type))))
                .check(CLASSES);
    }

    @Test
    void onlyTheNodeItselfKnowsTheLog() {
        noClasses()
                .that()
                .resideInAnyPackage(RPC, CONFIG)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(RAFT)
                .check(CLASSES);
    }

    @Test
    void theLogKnowsNeitherTheServerForClientsNorTheConfiguration() {
        noClasses()
                .that()
                .resideInAPackage(RAFT)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(NODE, RPC, CONFIG)
                .check(CLASSES);
    }

    @Test
    void ofTheEngineTheLogKnowsItsPortAlone() {
        noClasses()
                .that()
                .resideInAPackage(RAFT)
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                                "io.whatnot.core.engine..", "io.whatnot.core.protocol..", "io.whatnot.core.model..")
                        .and(not(belongToAnyOf(ReplicatedLog.class))))
                .check(CLASSES);
    }

    @Test
    void theConfigurationKnowsNothingOfTheRestButWhatAnEndpointIs() {
        classes()
                .that()
                .resideInAPackage(CONFIG)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(CONFIG, "java..", "org.jspecify..", "org.snakeyaml..")
                        .or(belongToAnyOf(Endpoints.class)))
                .check(CLASSES);
    }

    @Test
    void aNodeKnowsTheCoreAndNoClient() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAPackage("io.whatnot..")
                        .and(not(resideInAnyPackage("io.whatnot.node..", "io.whatnot.core.."))))
                .check(CLASSES);
    }

    // ---- where the outside world is let in

    @Test
    void onlyTheTransportsKnowGrpcAndNetty() {
        noClasses()
                .that(
                        not(resideInAnyPackage(RPC, NET, GENERATED))
                                .and(
                                        not(
                                                describe(
                                                        "the transport between nodes",
                                                        each -> each.getFullName()
                                                                .matches(
                                                                        "io\\.whatnot\\.node\\.raft\\.Raft(RpcClient|RpcServer|Stream)(\\$.*)?")))))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.grpc..", "io.netty..")
                .check(CLASSES);
    }

    @Test
    void onlyTheConfigurationReadsYaml() {
        noClasses()
                .that()
                .resideOutsideOfPackage(CONFIG)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.snakeyaml..")
                .check(CLASSES);
    }

    @Test
    void nobodyMayCommandANodeByJRaftsCommandLine() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.alipay.sofa.jraft.rpc.impl.cli..", "com.alipay.sofa.jraft.cli..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching(".*\\.(Cli[A-Z]\\w*|RaftRpcServerFactory)(\\$.*)?")
                .check(CLASSES);
    }

    @Test
    void noBytesOfStrangersReachBoltOrADeserializer() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.alipay.remoting..", "com.alipay.hessian..", "com.caucho..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.io.ObjectInputStream")
                .check(CLASSES);
    }

    // ---- state and null

    @Test
    void nothingStaticChanges() {
        fields().that()
                .areStatic()
                .and()
                .areDeclaredInClassesThat(not(resideInAPackage(GENERATED)))
                .should()
                .beFinal()
                .check(CLASSES);
    }

    @Test
    void everyPackageSaysThatNothingIsNullUnlessItSaysSo() {
        List<JavaPackage> packages = CLASSES.getPackage(NODE).getSubpackagesInTree().stream()
                .filter(each -> each.getClasses().stream().anyMatch(not(resideInAPackage(GENERATED))))
                .toList();
        assertThat(packages).extracting(JavaPackage::getName).contains("io.whatnot.node.raft");
        assertThat(packages)
                .allSatisfy(each -> assertThat(each.isAnnotatedWith(NullMarked.class))
                        .as("%s has a package-info with @NullMarked", each.getName())
                        .isTrue());
    }

    @Test
    void theRulesLookAtTheClassesThatThereAre() {
        assertThat(CLASSES.contain(RaftLog.class)).isTrue();
        assertThat(CLASSES.contain(WhatnotNode.class)).isTrue();
        assertThat(Arrays.stream(new String[] {RAFT, RPC, NET, CONFIG})
                        .allMatch(each -> CLASSES.stream().anyMatch(resideInAPackage(each))))
                .isTrue();
    }
}
