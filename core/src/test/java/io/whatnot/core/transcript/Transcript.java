package io.whatnot.core.transcript;

import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A machine that is told what to do in lines of text, and tells in lines of text what it did.
 *
 * <p>Lines that start with {@code #} are for the reader. Others are commands, up to a line {@code ----}; several of them
 * are one entry of the log. What follows, up to an empty line, is what the machine says: an answer to each command, then
 * the events with their revisions, then what clients are told unasked. How commands are written: {@link Line}.
 */
final class Transcript {
    private final Machine machine = new Machine();
    private final TreeMap<String, Client> clients = new TreeMap<>();
    private final TreeMap<String, Request> sent = new TreeMap<>();
    private final TreeMap<String, Long> marks = new TreeMap<>();

    /** The text with what the machine says now in the place of what it said. */
    String run(String text) {
        List<String> out = new ArrayList<>();
        List<String> commands = new ArrayList<>();
        boolean saying = false;
        for (String line : text.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                saying = false;
                out.add(line);
            } else if (line.equals("----")) {
                saying = true;
                out.add(line);
                out.addAll(carryOut(commands));
                commands.clear();
            } else if (!saying) {
                commands.add(line);
                out.add(line);
            }
        }
        if (!commands.isEmpty()) {
            throw new IllegalArgumentException("no ---- after " + commands);
        }
        return String.join("\n", out) + "\n";
    }

    private List<String> carryOut(List<String> lines) {
        List<String> says = new ArrayList<>();
        List<Request> requests = new ArrayList<>();
        long passes = 0;
        for (String text : lines) {
            Line line = new Line(text);
            if (line.isTime()) {
                passes = line.millis();
            } else if (line.isOpen()) {
                Client opened = machine.open(line.client(), line.ttlMillis(10_000));
                clients.put(line.client(), opened);
                return List.of("session " + opened.session() + " until " + (machine.now() + line.ttlMillis(10_000)));
            } else {
                Client client = client(line.client());
                Query query = line.query();
                if (query != null) {
                    says.add(machine.words().answer(machine.ask(query)));
                } else {
                    Request request = request(line, client);
                    if (line.isDelayed()) {
                        says.add("(" + line.client() + "." + request.sequence() + " is under way)");
                    } else {
                        requests.add(request);
                    }
                }
            }
        }
        if (passes > 0 || !requests.isEmpty()) {
            machine.apply(machine.now() + passes, requests.toArray(Request[]::new));
            machine.last().results().forEach(result -> says.addAll(answer(result)));
            machine.last()
                    .events()
                    .forEach(event ->
                            says.add(event.revision() + ": " + machine.words().fully(event)));
            machine.last()
                    .pushes()
                    .forEach(push -> says.add("-> " + machine.words().push(push)));
            if (machine.last().results().isEmpty()) {
                says.add(0, "time " + machine.now());
            }
        }
        return says;
    }

    private Request request(Line line, Client client) {
        String again = line.arrives();
        if (again != null) {
            Request request = sent.get(again);
            if (request == null) {
                throw new IllegalArgumentException(again + " was never sent");
            }
            return request;
        }
        long mark = line.mark(marks.getOrDefault(line.client(), 1L));
        marks.put(line.client(), mark);
        long sequence = line.isHeartbeat() ? 0 : client.last().sequence() + 1;
        Request request = client.as(line.owner())
                .request(
                        sequence,
                        mark,
                        line.ended(),
                        line.command(name -> client(name).session()));
        sent.put(line.client() + "." + sequence, request);
        return request;
    }

    /** An answer, and below a refusal for a lock what is in the way. */
    private List<String> answer(Result result) {
        if (!(result instanceof Result.Refused refused)) {
            return machine.words().answer(result).lines().toList();
        }
        List<String> says = new ArrayList<>(List.of(refused.code() + ": " + refused.message()));
        if (refused.detail() instanceof Result.Detail.Blocked blocked) {
            for (Blocker blocker : blocked.blockers()) {
                says.add("  " + machine.words().blocker(blocker) + " since " + blocker.sinceMillis() + ", for "
                        + blocker.remainingMillis() + " ms more");
            }
        }
        return says;
    }

    private Client client(String name) {
        @Nullable Client client = clients.get(name);
        if (client == null) {
            throw new IllegalArgumentException(name + " has opened no session");
        }
        return client;
    }
}
