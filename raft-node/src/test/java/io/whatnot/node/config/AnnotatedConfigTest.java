package io.whatnot.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.node.config.ConfigReader.Raw;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The file that explains every setting tells the truth. */
final class AnnotatedConfigTest {
    private static final Path FILE = Path.of("..", "conf", "whatnot.yaml");

    @Test
    void itIsGoodForOneNodeAsItIs() throws ConfigException {
        NodeConfig config = ConfigReader.read(List.of("--config=" + FILE), Map.of());

        assertThat(config.nodes()).containsExactly(config.self());
        assertThat(config.listenClient()).isEqualTo(config.self().client());
        assertThat(config.listenRaft()).isEqualTo(config.self().raft());
    }

    @Test
    void itSetsWhatWouldBeSetWithoutIt() throws ConfigException {
        NodeConfig config = ConfigReader.read(List.of("--config=" + FILE), Map.of());

        assertThat(config)
                .isEqualTo(ConfigReader.read(
                        List.of("--node=n1", "--data=data/n1", "--nodes=n1=127.0.0.1:7400/127.0.0.1:7401"), Map.of()));
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void itHasEverySettingWithItsDefault(Setting setting) {
        Map<Setting, Raw> values = new EnumMap<>(Setting.class);
        List<String> problems = new ArrayList<>();

        YamlSettings.read(FILE, values, new ArrayList<>(), problems);

        assertThat(problems).isEmpty();
        assertThat(values).containsKey(setting);
        if (!setting.isRequired()) {
            assertThat(values.get(setting)).extracting(Raw::text).isEqualTo(setting.fallback());
        }
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void itExplainsEverySettingAboveIt(Setting setting) throws IOException {
        String comment = commentAbove(setting);

        assertThat(comment).contains("Variable: " + setting.variable() + " ", "Flag: --" + setting.key() + "=");
        if (setting.isRequired()) {
            assertThat(comment).contains("Required");
        } else if (setting.fallback().isEmpty()) {
            assertThat(comment).contains("Default: empty");
        } else {
            assertThat(comment).containsPattern("Default: " + setting.fallback() + "\\b");
        }
        Setting.Range range = setting.range();
        if (range != null) {
            assertThat(comment).containsIgnoringCase("from " + range.min() + " to " + range.max());
        }
    }

    /** The comment right above the line that sets it. */
    private static String commentAbove(Setting setting) throws IOException {
        List<String> lines = Files.readAllLines(FILE);
        String name = setting.key().substring(setting.key().lastIndexOf('.') + 1) + ":";
        String indent = setting.key().contains(".") ? "  " : "";
        int section = setting.key().contains(".")
                ? lines.indexOf(setting.key().substring(0, setting.key().indexOf('.')) + ":")
                : 0;
        int line = section;
        while (!lines.get(line).startsWith(indent + name)) {
            line++;
        }
        StringBuilder comment = new StringBuilder();
        for (int i = line - 1; lines.get(i).strip().startsWith("#"); i--) {
            comment.insert(0, lines.get(i).strip() + "  \n");
        }
        return comment.toString();
    }
}
