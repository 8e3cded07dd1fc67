package io.whatnot.node.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Counters outside the cluster, each protected by a lease: whoever reads or writes shows the token of the lease, and is
 * refused if a higher one has been seen. Then nobody can write between another's read and write unless two leases had
 * the same token.
 */
final class ProtectedCounters implements AutoCloseable {
    private static final class Counter {
        long token;
        long value;
    }

    private final Map<String, Counter> counters = new TreeMap<>();
    private final Consumer<String> violated;
    private final ServerSocket server;
    private long accepted;
    private long refused;

    /** Counters at that address, on a port of the system's choice. */
    ProtectedCounters(String address, Consumer<String> violated) throws IOException {
        this.violated = violated;
        this.server = new ServerSocket(0, 50, InetAddress.getByName(address));
        Thread thread = new Thread(this::accept, "counters");
        thread.setDaemon(true);
        thread.start();
    }

    String endpoint() {
        return server.getInetAddress().getHostAddress() + ":" + server.getLocalPort();
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                Thread thread = new Thread(() -> serve(socket), "counters-client");
                thread.setDaemon(true);
                thread.start();
            } catch (SocketException e) {
                return; // closed
            } catch (IOException e) {
                violated.accept("W3 the counters can't be reached: " + e);
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in = reader(socket);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", -1);
                String answer = words[0].equals("read")
                        ? read(words[1], Long.parseLong(words[2]))
                        : write(words[1], Long.parseLong(words[2]), Long.parseLong(words[3]));
                send(socket, answer);
            }
        } catch (IOException e) {
            // A client that was killed resets its connection. What it wrote is counted.
        }
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    private static void send(Socket socket, String line) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /** The value, or {@code stale}. */
    synchronized String read(String name, long token) {
        Counter counter = counters.computeIfAbsent(name, n -> new Counter());
        if (token < counter.token) {
            refused++;
            return "stale";
        }
        counter.token = token;
        return Long.toString(counter.value);
    }

    /** {@code ok}, or {@code stale}. */
    synchronized String write(String name, long token, long valueRead) {
        Counter counter = counters.computeIfAbsent(name, n -> new Counter());
        if (token < counter.token) {
            refused++;
            return "stale";
        }
        if (token == counter.token && counter.value != valueRead) {
            violated.accept("I4 tokens grow: " + name + " was read as " + valueRead + " and is " + counter.value
                    + ", though no higher token than " + token + " was shown in between: two leases had it");
        }
        counter.token = token;
        counter.value = valueRead + 1;
        accepted++;
        return "ok";
    }

    /** How many writes were accepted, and how many stale tokens refused. */
    synchronized String summary() {
        return accepted + " writes of protected counters, " + refused + " stale tokens refused";
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    /** A client's way to the counters; for one thread. */
    static final class Remote {
        private final Socket socket;
        private final BufferedReader in;

        Remote(String endpoint) throws IOException {
            int colon = endpoint.lastIndexOf(':');
            socket = new Socket(endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1)));
            socket.setTcpNoDelay(true);
            in = reader(socket);
        }

        /** The counter's value; nothing if the token is stale. */
        OptionalLong read(String name, long token) throws IOException {
            String answer = ask("read " + name + " " + token);
            return answer.equals("stale") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(answer));
        }

        /** Makes the counter one more than was read; whether it was accepted. */
        boolean write(String name, long token, long valueRead) throws IOException {
            return ask("write " + name + " " + token + " " + valueRead).equals("ok");
        }

        private String ask(String line) throws IOException {
            send(socket, line);
            String answer = in.readLine();
            if (answer == null) {
                throw new IOException("the counters are gone");
            }
            return answer;
        }

        void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
