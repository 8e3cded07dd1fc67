package io.whatnot.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where settings come from, and what is said of wrong ones. */
final class ConfigReaderTest {
    private static final String GOOD = """
            node: n1
            data: somewhere
            nodes:
              - {id: n1, client: "127.0.0.1:7400", raft: "127.0.0.1:7401"}
              - {id: n2, client: "127.0.0.1:7410", raft: "127.0.0.1:7411"}
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private Path file() {
        return folder.resolve("node.yaml");
    }

    private NodeConfig read(String yaml, String... flags) throws ConfigException {
        return read(yaml, Map.of(), flags);
    }

    private NodeConfig read(String yaml, Map<String, String> environment, String... flags) throws ConfigException {
        try {
            Files.writeString(file(), yaml);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        List<String> arguments = new ArrayList<>(List.of("--config=" + file()));
        arguments.addAll(List.of(flags));
        return ConfigReader.read(arguments, environment);
    }

    private List<String> problems(String yaml, String... flags) {
        return catchThrowableOfType(ConfigException.class, () -> read(yaml, flags))
                .problems();
    }

    /** What is said of a file that is good but for these lines behind it. */
    private String problem(String lines, String... flags) {
        List<String> problems = problems(GOOD + lines, flags);
        assertThat(problems).hasSize(1);
        return problems.get(0);
    }

    /** The place of a line behind the good ones, the first being 1. */
    private String at(int line) {
        return file() + ":" + (GOOD.lines().count() + line) + ": ";
    }

    // ---- what is right

    @Test
    void whatIsNotSetIsByDefault() throws ConfigException {
        NodeConfig config = read(GOOD);

        assertThat(config)
                .isEqualTo(new NodeConfig(
                        "whatnot",
                        "n1",
                        Path.of("somewhere"),
                        "127.0.0.1:7400",
                        "127.0.0.1:7401",
                        List.of(
                                new NodeConfig.Member("n1", "127.0.0.1:7400", "127.0.0.1:7401"),
                                new NodeConfig.Member("n2", "127.0.0.1:7410", "127.0.0.1:7411")),
                        10_000,
                        false,
                        500,
                        200,
                        100_000,
                        64 << 20,
                        512 << 20,
                        false,
                        100_000,
                        0,
                        false,
                        false));
    }

    @Test
    void everythingCanBeSetInTheFile() throws ConfigException {
        NodeConfig config = read(GOOD + """
                cluster: shop
                listen: {client: "localhost:17400", raft: "127.0.0.2:17401"}
                insecure: true
                raft:
                  electionTimeoutMillis: 300
                  electionDelayMillisMax: 100
                  snapshotEntries: 1000
                  snapshotBytes: 100000
                  logBytesMax: 2000000
                """);

        assertThat(config.cluster()).isEqualTo("shop");
        assertThat(config.listenClient()).isEqualTo("localhost:17400");
        assertThat(config.listenRaft()).isEqualTo("127.0.0.2:17401");
        assertThat(config.self().raft()).isEqualTo("127.0.0.1:7401");
        assertThat(config.electionTimeoutMillis()).isEqualTo(300);
        assertThat(config.electionDelayMillisMax()).isEqualTo(100);
        assertThat(config.snapshotEntries()).isEqualTo(1000);
        assertThat(config.snapshotBytes()).isEqualTo(100_000);
        assertThat(config.logBytesMax()).isEqualTo(2_000_000);
    }

    @Test
    void aFlagWinsOverTheEnvironmentAndThatOverTheFile() throws ConfigException {
        String yaml = GOOD + """
                cluster: file
                raft: {snapshotEntries: 111, electionTimeoutMillis: 111, electionDelayMillisMax: 111}
                """;

        NodeConfig config = read(
                yaml,
                Map.of("WHATNOT_RAFT_SNAPSHOT_ENTRIES", "222", "WHATNOT_RAFT_ELECTION_TIMEOUT_MILLIS", "222"),
                "--raft.snapshotEntries=333");

        assertThat(config.cluster()).isEqualTo("file");
        assertThat(config.electionDelayMillisMax()).isEqualTo(111);
        assertThat(config.electionTimeoutMillis()).isEqualTo(222);
        assertThat(config.snapshotEntries()).isEqualTo(333);
    }

    @Test
    void everythingCanBeSetByTheEnvironmentAlone() throws ConfigException {
        NodeConfig config = ConfigReader.read(
                List.of(),
                Map.of(
                        "WHATNOT_NODE", "b",
                        "WHATNOT_DATA", "there",
                        "WHATNOT_NODES", "a=127.0.0.1:1/127.0.0.1:2,b=127.0.0.1:3/127.0.0.1:4",
                        "PATH", "nothing of ours"));

        assertThat(config.node()).isEqualTo("b");
        assertThat(config.nodes())
                .containsExactly(
                        new NodeConfig.Member("a", "127.0.0.1:1", "127.0.0.1:2"),
                        new NodeConfig.Member("b", "127.0.0.1:3", "127.0.0.1:4"));
    }

    @Test
    void theNodesOfAFlagReplaceThoseOfTheFile() throws ConfigException {
        assertThat(read(GOOD, "--nodes=n1=127.0.0.1:1/127.0.0.1:2").nodes())
                .containsExactly(new NodeConfig.Member("n1", "127.0.0.1:1", "127.0.0.1:2"));
    }

    @Test
    void ofTwoFilesTheLaterWins() throws IOException, ConfigException {
        Path second = folder.resolve("second.yaml");
        Files.writeString(second, """
                cluster: second
                nodes: [{id: n1, client: "127.0.0.1:1", raft: "127.0.0.1:2"}]
                """);

        NodeConfig config = read(GOOD + "cluster: first\n", "--config=" + second);

        assertThat(config.cluster()).isEqualTo("second");
        assertThat(config.nodes()).containsExactly(new NodeConfig.Member("n1", "127.0.0.1:1", "127.0.0.1:2"));
    }

    @Test
    void aWrongValueThatIsOverriddenDoesNoHarm() throws ConfigException {
        assertThat(read(GOOD + "cluster: no name\n", "--cluster=name").cluster())
                .isEqualTo("name");
    }

    @Test
    void joinIsASettingAndAFlagAndNotTogetherWithFresh() throws ConfigException {
        assertThat(read(GOOD, "--join").join()).isTrue();
        assertThat(read(GOOD + "join: true\n").join()).isTrue();
        assertThat(read(GOOD).join()).isFalse();
        assertThat(problem("join: soon\n")).contains("join is \"soon\"; write true or false");
        assertThat(problem("", "--join", "--fresh")).contains("leave one of them out");
        assertThat(problem("", "--join", "--nodes=n1=127.0.0.1:1/127.0.0.1:2")).contains("nodes has this node alone");
    }

    @Test
    void freshIsAFlagAlone() throws ConfigException {
        assertThat(read(GOOD, "--fresh").fresh()).isTrue();
        assertThat(problem("fresh: true\n")).startsWith(at(1) + "fresh is nothing that can be set");
    }

    @Test
    void aSectionMayBeEmptyAndAnEmptyFileIsAFile() throws ConfigException {
        assertThat(read(GOOD + "raft:\nlisten: {}\n").electionTimeoutMillis()).isEqualTo(500);
        assertThat(problems("# nothing\n"))
                .hasSize(3)
                .allSatisfy(problem -> assertThat(problem).contains(" is not set: "));
    }

    @ParameterizedTest
    @CsvSource({
        "raft.snapshotBytes, 1000000, 1000000",
        "raft.snapshotBytes, 100 KiB, 102400",
        "raft.snapshotBytes, 100KiB, 102400",
        "raft.snapshotBytes, 8MiB, 8388608",
        "raft.logBytesMax, 1GiB, 1073741824",
        "raft.electionTimeoutMillis, 750ms, 750",
        "raft.electionTimeoutMillis, 2 s, 2000",
        "raft.electionTimeoutMillis, 1 min, 60000",
    })
    void sizesAndTimesMayBearAUnit(String key, String text, long number) throws ConfigException {
        NodeConfig config = read(GOOD, "--" + key + "=" + text);

        assertThat(List.of(config.snapshotBytes(), config.logBytesMax(), (long) config.electionTimeoutMillis()))
                .contains(number);
    }

    // ---- what is wrong

    @Test
    void everythingThatIsWrongIsToldAtOnceWithItsPlaceTheRuleAndWhatToDo() {
        List<String> problems = problems("""
                cluster: "no name"
                node: n3
                data: there
                nodes:
                  - {id: n1, client: "127.0.0.1:7400", raft: "127.0.0.1:7400"}
                  - {id: n1, client: "127.0.0.1", raft: "10.0.0.1:99999"}
                listn: {client: "127.0.0.1:1"}
                insecure: perhaps
                raft:
                  electionTimeoutMillis: soon
                  snapshotBytes: 1 GiB
                """, "--raft.snapshotEntris=5", "verbose");

        assertThat(problems)
                .containsExactlyInAnyOrder(
                        file() + ":1: cluster is \"no name\"; a name is 1 to 63 of A-Z a-z 0-9 . _ - and starts with a"
                                + " letter or digit",
                        file() + ":2: node is \"n3\", but nodes has only [n1, n1]; use one of these, or add it there",
                        file() + ":5: node n1: 127.0.0.1:7400 is taken by an endpoint before it; give each its own"
                                + " port",
                        file() + ":6: there are two nodes \"n1\"; give each its own name",
                        file() + ":6: node n1: \"127.0.0.1\" is no endpoint; write host:port, with a port from 1 to"
                                + " 65535",
                        file() + ":6: node n1: \"10.0.0.1:99999\" is no endpoint; write host:port, with a port from 1"
                                + " to 65535",
                        file() + ":7: listn.client is nothing that can be set; did you mean listen.client?",
                        file() + ":8: insecure is \"perhaps\"; write true or false",
                        file() + ":10: raft.electionTimeoutMillis is \"soon\"; write a whole number of milliseconds"
                                + " from 50 to 60000, or one with ms, s or min behind it",
                        "by default: raft.logBytesMax is 536870912, but must be at least three times"
                                + " raft.snapshotBytes, which is 1073741824 (" + file() + ":11), for the log is cut at"
                                + " the snapshot before the last; raise the one or lower the other",
                        "flag --raft.snapshotEntris sets nothing that is known; did you mean raft.snapshotEntries?",
                        "argument \"verbose\" is none that is known: write --NAME=VALUE, --fresh or --join");
    }

    @Test
    void theMessageListsThemAll() {
        ConfigException e =
                catchThrowableOfType(ConfigException.class, () -> read(GOOD + "cluster: \"?\"\ninsecure: perhaps\n"));

        assertThat(e).hasMessageStartingWith("the configuration has 2 problems:\n  - ");
        assertThat(String.valueOf(e.getMessage()).lines()).hasSize(3);
    }

    @Test
    void whatIsRequiredIsNamedWithAllWaysToSetIt() {
        assertThat(catchThrowableOfType(ConfigException.class, () -> ConfigReader.read(List.of(), Map.of()))
                        .problems())
                .hasSize(3)
                .anySatisfy(problem -> assertThat(problem)
                        .startsWith("data is not set: ")
                        .endsWith("Set it in the file, by --data=... or by WHATNOT_DATA"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cluster", "node", "data"})
    void whatMayNotBeEmptyIsNotTakenEmpty(String key) {
        assertThat(problems(GOOD, "--" + key + "="))
                .singleElement()
                .asString()
                .startsWith("flag --" + key + ": " + key + " is empty: ")
                .endsWith("Give it a value");
    }

    @Test
    void aListWithoutNodesIsRefused() {
        assertThat(problems("node: n1\ndata: there\nnodes: []\n"))
                .containsExactly(file() + ":3: nodes is empty; write at least this node itself");
    }

    @ParameterizedTest
    @CsvSource({
        "rafft.snapshotEntries, raft.snapshotEntries",
        "raft.snapshotentries, raft.snapshotEntries",
        "raft.snapshot, raft.snapshotBytes",
        "clustr, cluster",
        "Node, node",
    })
    void aFlagThatIsAlmostRightIsAnsweredWithTheRightOne(String wrong, String right) {
        assertThat(problems(GOOD, "--" + wrong + "=5"))
                .containsExactly("flag --" + wrong + " sets nothing that is known; did you mean " + right + "?");
    }

    @Test
    void sectionsThatDoubleByAliasesAreToldAndNotFollowed() {
        StringBuilder doubling = new StringBuilder("a0: &a0 {x: 1}\n");
        for (int i = 1; i < 24; i++) {
            doubling.append("a%s: &a%s {p: *a%s, q: *a%s}\n".formatted(i, i, i - 1, i - 1));
        }
        assertThat(problems(GOOD + doubling))
                .hasSizeLessThan(100)
                .anyMatch(problem -> problem.endsWith("this is here more than once, by an alias; write it out"));
    }

    @Test
    void anEscapeThatIsCutShortIsTold() {
        assertThat(problems("cluster: \"\\u"))
                .anyMatch(problem -> problem.startsWith(file() + " is no YAML: an escape"));
    }

    @Test
    void whatIsWithinEachOtherWithoutEndIsTold() {
        for (String deep : List.of("a: " + "[".repeat(100_000), "{a: ".repeat(50_000), "- ".repeat(10_000))) {
            assertThat(problems(deep)).anyMatch(problem -> problem.startsWith(file() + ":1: more than 20 lists"));
        }
    }

    @Test
    void anEndpointThatTheTransportCouldNotReadIsRefused() {
        for (String wrong : List.of("a_b:80", "a..b:80", "-a:80", "10.0.0.300:80", "a,b:80", "[::1:80", "a:0")) {
            assertThat(problems(GOOD, "--listen.client=" + wrong, "--insecure=true"))
                    .containsExactly("flag --listen.client: listen.client: \"" + wrong
                            + "\" is no endpoint; write host:port, with a port from 1 to 65535");
        }
    }

    @Test
    void aNameLikeNoneIsAnsweredWithAllThatThereAre() {
        assertThat(problem("colour: blue\n"))
                .startsWith(at(1) + "colour is nothing that can be set; known are cluster, node, data, ")
                .endsWith("autopilot.deadAfterMillis");
    }

    @Test
    void anUnknownSectionIsToldEvenIfThereIsNothingInIt() {
        assertThat(problem("logging: {}\n")).startsWith(at(1) + "logging is nothing that can be set");
    }

    @ParameterizedTest
    @CsvSource({
        "electionTimeoutMillis, 49",
        "electionTimeoutMillis, 60001",
        "electionTimeoutMillis, 61 s",
        "electionTimeoutMillis, 500 KiB",
        "electionTimeoutMillis, half a second",
        "electionDelayMillisMax, 0",
        "electionDelayMillisMax, -5",
        "electionDelayMillisMax, 1.5",
        "snapshotEntries, 99",
        "snapshotEntries, 2147483648",
        "snapshotEntries, 1000 s",
        "snapshotBytes, 65535",
        "snapshotBytes, 64 MB",
        "snapshotBytes, 1099511627777",
        "logBytesMax, 999999999999999999 GiB",
        "logBytesMax, 99999999999999999999",
        "logBytesMax, ''",
    })
    void aNumberThatIsNoneOrOutOfRangeIsAnsweredWithTheRange(String key, String text) {
        assertThat(problem("raft: {" + key + ": \"" + text + "\"}\n"))
                .startsWith(at(1) + "raft." + key + " is \"" + text + "\"; write a whole number of ")
                .containsPattern(" from [0-9]+ to [0-9]+");
    }

    @Test
    void aLogWithoutRoomForThreeSnapshotsIsRefused() {
        assertThat(problem("raft: {snapshotBytes: 1 MiB, logBytesMax: 2 MiB}\n"))
                .startsWith(at(1) + "raft.logBytesMax is 2097152, but must be at least three times raft.snapshotBytes,"
                        + " which is 1048576");
    }

    @Test
    void whatIsToBeOneValueIsNoListAndNoSection() {
        assertThat(problem("cluster: [a, b]\n")).isEqualTo(at(1) + "cluster is to be a single value");
        assertThat(problem("cluster:\n  name: a\n")).isEqualTo(at(2) + "cluster is to be a single value");
        assertThat(problem("raft: 5\n")).startsWith(at(1) + "raft is nothing that can be set");
    }

    @Test
    void whatIsToBeAListOfNodesIsOne() {
        assertThat(problems("node: n1\ndata: there\nnodes: n1\n"))
                .contains(file() + ":3: nodes is to be a list of entries with id, client and raft");
        assertThat(problems("node: n1\ndata: there\nnodes:\n- n1\n"))
                .contains(file() + ":4: a node is to have id, client and raft");
        assertThat(problems("node: n1\ndata: there\nnodes:\n- {id: n1, client: \"127.0.0.1:1\"}\n"))
                .contains(file() + ":4: a node has to have all of id, client and raft");
        assertThat(problems(GOOD, "--nodes=n1"))
                .contains("flag --nodes: \"n1\" is no node; write id=client/raft, as in"
                        + " n1=10.0.0.1:7400/10.0.0.1:7401");
    }

    @Test
    void aNodeHasNothingElseAndNothingTwice() {
        assertThat(problems("""
                node: n1
                data: there
                nodes:
                - id: n1
                  client: "127.0.0.1:1"
                  raft: "127.0.0.1:2"
                  rack: 7
                  raft: "127.0.0.1:3"
                """))
                .containsExactly(
                        file() + ":7: a node has id, client and raft, and no rack; leave it out",
                        file() + ":8: raft is set twice; leave one");
    }

    @Test
    void aFileThatIsAListIsRefused() {
        assertThat(problems("- a\n- b\n")).contains(file() + ":1: expected names and values");
    }

    @Test
    void whatIsSetTwiceIsTold() {
        assertThat(problem("cluster: a\ncluster: b\n")).isEqualTo(at(2) + "cluster is set twice; leave one");
        assertThat(problem("raft: {snapshotEntries: 100}\nraft.snapshotEntries: 200\n"))
                .isEqualTo(at(2) + "raft.snapshotEntries is set twice; leave one");
    }

    @Test
    void whatIsAPartOfItselfIsTold() {
        assertThat(problem("raft: &x {y: *x}\n")).isEqualTo(at(1) + "this is a part of itself; write it out");
    }

    @Test
    void aFileThatIsNotThereIsTold() {
        Path missing = folder.resolve("missing.yaml");

        assertThat(catchThrowableOfType(
                                ConfigException.class,
                                () -> ConfigReader.read(List.of("--config=" + missing), Map.of()))
                        .problems())
                .contains(missing + " is not there; name another file with --config=");
    }

    @Test
    void aFileThatCannotBeReadIsTold() throws IOException {
        assertThat(catchThrowableOfType(
                                ConfigException.class, () -> ConfigReader.read(List.of("--config=" + folder), Map.of()))
                        .problems())
                .anySatisfy(problem -> assertThat(problem).startsWith(folder + " can't be read: "));

        Path latin = folder.resolve("latin.yaml");
        Files.write(latin, "cluster: Käse\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(catchThrowableOfType(
                                ConfigException.class, () -> ConfigReader.read(List.of("--config=" + latin), Map.of()))
                        .problems())
                .anySatisfy(problem -> assertThat(problem).startsWith(latin + " can't be read: "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"raft: {\n", "\tcluster: a\n", "cluster: *nobody\n", "cluster: \"open\n", "--- a\n--- b\n"})
    void whatIsNoYamlIsToldWithTheLine(String lines) {
        List<String> problems = problems(GOOD + lines);

        assertThat(problems)
                .anySatisfy(problem -> assertThat(problem)
                        .startsWith(file() + ":")
                        .containsPattern(":[6-8]: no YAML from here on: .+; mend the line, or the one before it"));
    }

    @Test
    void aNodeThatStrangersCouldReachIsRefusedUnlessSomebodySaysThatHeKnows() throws ConfigException {
        String open = "listen: {client: \"0.0.0.0:7400\"}\n";

        assertThat(problem(open))
                .startsWith(at(1) + "the node would listen at 0.0.0.0:7400, which is not this machine alone")
                .endsWith("use 127.0.0.1, or set insecure to true if its network is safe");
        assertThat(read(GOOD + open + "insecure: true\n").listenClient()).isEqualTo("0.0.0.0:7400");
    }

    @Test
    void clientsAndNodesAreServedAtDifferentPorts() {
        assertThat(problem("listen:\n  raft: \"127.0.0.1:7400\"\n"))
                .isEqualTo(
                        at(2) + "listen.client and listen.raft are both 127.0.0.1:7400; give each a port of its own");
    }

    @Test
    void theHelpNamesEverySetting() {
        for (Setting setting : Setting.values()) {
            assertThat(ConfigReader.describe())
                    .contains("--" + setting.key() + "=", setting.variable(), setting.meaning());
        }
    }

    @Test
    void aLogIsInMemoryUnlessItIsSaidToBeOnDiskAndNowhereElse() throws Exception {
        List<String> node = List.of("--node=n1", "--data=somewhere", "--nodes=n1=127.0.0.1:7400/127.0.0.1:7401");
        assertThat(ConfigReader.read(node, Map.of()).logOnDisk()).isFalse();
        assertThat(ConfigReader.read(node, Map.of("WHATNOT_RAFT_LOG", "memory")).logOnDisk())
                .isFalse();
        assertThat(ConfigReader.read(node, Map.of("WHATNOT_RAFT_LOG", "rocksdb"))
                        .logOnDisk())
                .isTrue();
        assertThatThrownBy(() -> ConfigReader.read(node, Map.of("WHATNOT_RAFT_LOG", "disk")))
                .hasMessageContaining(
                        "environment variable WHATNOT_RAFT_LOG: raft.log is \"disk\"; write memory or rocksdb");
    }
}
