package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.client.NamespaceManager;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows is what works. */
@Tag("cluster")
@Timeout(60)
final class ReadmeTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void theSnippetCompilesAndRunsAgainstACluster() throws Exception {
        try (TestCluster cluster = TestCluster.start(folder.resolve("cluster"), 3)) {
            String snippet = snippet().replace("127.0.0.1:7400", cluster.endpoint(0));
            assertThat(snippet).contains(cluster.endpoint(0));

            run(compile(snippet));

            try (NamespaceManager whatnot = cluster.connect("reader")) {
                assertThat(whatnot.namespace("shop")
                                .get("/orders/eu/42")
                                .map(e -> e.value().text()))
                        .contains("paid");
            }
        }
    }

    private static String snippet() throws IOException {
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("..", "README.md")));
        assertThat(block.find()).isTrue();
        return block.group(1);
    }

    private Path compile(String snippet) throws IOException {
        Path source = folder.resolve("Snippet.java");
        Files.writeString(
                source,
                "import io.whatnot.client.*;\nimport io.whatnot.core.model.*;\nimport java.time.Duration;\n"
                        + "public class Snippet {\n  public static void run() throws Exception {\n" + snippet
                        + "  }\n}\n");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        boolean compiled = compiler.getTask(
                        messages,
                        null,
                        null,
                        List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path")),
                        null,
                        compiler.getStandardFileManager(null, null, null).getJavaFileObjects(source))
                .call();
        assertThat(compiled).as(messages.toString()).isTrue();
        return folder;
    }

    private static void run(Path classes) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()}, ReadmeTest.class.getClassLoader())) {
            Method run = loader.loadClass("Snippet").getMethod("run");
            try {
                run.invoke(null);
            } catch (InvocationTargetException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }
    }
}
