package io.whatnot.node.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Links between processes, each direction by itself. The node here is a socket of the test's, and so is its client. */
@Timeout(60)
final class FaultyNetworkTest {
    private static final int NODE = 0;
    private static final int CLIENT = 1;
    private static final int SILENCE_MILLIS = 300;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private FaultyNetwork network;

    @SuppressWarnings("NullAway.Init")
    private ServerSocket listener;

    @SuppressWarnings("NullAway.Init")
    private Socket client;

    @SuppressWarnings("NullAway.Init")
    private Socket node;

    @BeforeEach
    void connect() throws IOException {
        network = FaultyNetwork.of(1, 2, 1);
        InetSocketAddress listens = address(network.clientListener(NODE));
        listener = new ServerSocket(listens.getPort(), 1, listens.getAddress());
        client = new Socket(whereItIs(), listens.getPort());
        node = listener.accept();
        client.setSoTimeout(SILENCE_MILLIS);
        node.setSoTimeout(SILENCE_MILLIS);
    }

    private InetAddress whereItIs() throws IOException {
        List<String> hosts = Files.readAllLines(network.writeHosts(CLIENT, folder.resolve("hosts")));
        String line =
                hosts.stream().filter(each -> each.endsWith(" n1")).findFirst().orElseThrow();
        return InetAddress.getByName(line.split(" ", -1)[0]);
    }

    private static InetSocketAddress address(String endpoint) {
        int colon = endpoint.lastIndexOf(':');
        return new InetSocketAddress(endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1)));
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        node.close();
        listener.close();
        network.close();
    }

    @Test
    void whatIsSentComesBothWays() throws IOException {
        client.getOutputStream().write(7);
        assertThat(node.getInputStream().read()).isEqualTo(7);
        node.getOutputStream().write(8);
        assertThat(client.getInputStream().read()).isEqualTo(8);
    }

    @Test
    void aNodeIsWhereItListensForItselfAndElsewhereForOthers() throws IOException {
        assertThat(Files.readAllLines(network.writeHosts(NODE, folder.resolve("own"))))
                .contains(node.getLocalAddress().getHostAddress() + " n1");
        assertThat(whereItIs()).isNotEqualTo(node.getLocalAddress());
    }

    @Test
    void oneDirectionMayBeStalledAloneAndWhatWasSentComesWhenItIsHealed() throws IOException {
        network.change(CLIENT, NODE, Link::stall);
        client.getOutputStream().write(7);
        node.getOutputStream().write(8);
        assertThat(client.getInputStream().read()).isEqualTo(8);
        assertThatThrownBy(() -> node.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        network.heal();
        assertThat(node.getInputStream().read()).isEqualTo(7);
    }

    @Test
    void theEndOfAConnectionDoesNotPassAStalledLink() throws IOException {
        network.change(CLIENT, NODE, Link::stall);
        client.close();
        assertThatThrownBy(() -> node.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        network.heal();
        assertThat(node.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void whatIsDelayedComesLaterAndInOrder() throws IOException {
        network.change(CLIENT, NODE, link -> link.delay(50));
        node.setSoTimeout(10_000);
        for (int i = 0; i < 100; i++) {
            client.getOutputStream().write(i);
        }
        for (int i = 0; i < 100; i++) {
            assertThat(node.getInputStream().read()).isEqualTo(i);
        }
    }

    @Test
    void whatIsLostIsSentAgain() throws IOException {
        network.change(CLIENT, NODE, link -> link.lose(100));
        node.setSoTimeout(10_000);
        long began = System.nanoTime();
        client.getOutputStream().write(7);
        assertThat(node.getInputStream().read()).isEqualTo(7);
        assertThat(System.nanoTime() - began).isGreaterThan(200_000_000L);
    }

    @Test
    void aSenderIsHeldUpByAStalledLinkBeforeItFillsTheMemory() throws IOException {
        network.change(CLIENT, NODE, Link::stall);
        byte[] much = new byte[64 << 10];
        Thread sender = new Thread(() -> {
            try {
                for (int i = 0; i < 1_000; i++) {
                    client.getOutputStream().write(much);
                }
            } catch (IOException e) {
                // closed at the end of the test, while it waits
            }
        });
        sender.start();
        await().until(() -> stands(sender));
        assertThat(sender.isAlive()).isTrue();
    }

    /** Whether the thread gets nowhere for a while, in the kernel. */
    private static boolean stands(Thread sender) throws InterruptedException {
        sender.join(1_000);
        return IntStream.range(0, 5)
                .allMatch(i -> List.of(sender.getStackTrace()).toString().contains("write"));
    }

    @Test
    void aBrokenConnectionIsBrokenAtBothEnds() throws IOException {
        client.getOutputStream().write(7);
        assertThat(node.getInputStream().read()).isEqualTo(7);
        network.changeBoth(CLIENT, NODE, Link::breakConnections);
        assertThatThrownBy(() -> node.getInputStream().read()).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @Test
    void moreProcessesThanItHasAddressesForAreRefused() {
        assertThatThrownBy(() -> FaultyNetwork.of(5, 21, 1)).hasMessageContaining("at most 20");
    }
}
