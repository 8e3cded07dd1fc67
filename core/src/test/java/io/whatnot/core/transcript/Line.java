package io.whatnot.core.transcript;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.PruneCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A command of a transcript.
 *
 * <pre>
 * 500 ms pass
 * ann opens                        also: with ttl 2000
 * ann puts /a "text"               also: for 500 | ephemeral | if absent | if version 2 | if revision 7 | under ann.1
 * ann registers /a                 also: under ann.1
 * ann registers-below /a "text"    a child whose name the cluster chooses; also: under ann.1
 * ann deletes /a                   also: recursively | if version 2 | if revision 7 | under ann.1
 * ann locks /a /b/** /c(shared)    also: for 500 | waiting 2000 | label "nightly"
 * ann tries /a                     as locks, without waiting
 * ann creates-pool /p 3            also: below | purging | under ann.1
 * ann resizes-pool /p 2            also: under ann.1
 * ann removes-pool /p              also: under ann.1
 * ann claims 2 /p                  also: for 500 | waiting 2000 | label "nightly"
 * ann asks-for-pool /p
 * ann transacts | if /a version 2 | puts /a "x" | deletes /b | otherwise | gets /a
 *                                  compares: if /a version 2 | if /a revision 7 | if /a value "x" | if /a registered |
 *                                  if /a missing | if bob.1 held; operations: puts, registers, registers-below, deletes, gets
 * ann sets-policy /p 1000          also: retaining | under ann.1; 0 for never
 * ann removes-policy /p            also: under ann.1
 * ann asks-for-policies
 * ann touches /p/a
 * ann renews ann.1                 also: for 500
 * ann releases ann.1
 * ann cancels ann.1
 * ann heartbeats                   also: mark 5 | ended 1
 * ann closes
 * ann drops                        the namespace
 * ann gets /a
 * ann lists /a                     everything below
 * ann asks who locks /a
 * ann finds-closest /a/b           the deepest that is registered on the way there
 * ann sets waitersMax 2            as an operator, like the next five
 * ann raises-level 4
 * ann revokes bob.1
 * ann ends bob                     the session
 * ann drops-by-force               the namespace
 * ann asks-for-settings            those in use
 * network delivers ann.3           the request arrives, late or again
 * </pre>
 *
 * <p>{@code ann/two} is owner two of ann's session; without, the owner is {@code main}. A line that ends with {@code
 * (delayed)} is a request that has a number but does not arrive until it is said to.
 */
final class Line {
    private static final String NAMESPACE = "n";
    private static final long WAIT = 60_000;
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|\\S+");

    private final String text;
    private final List<String> words = new ArrayList<>();

    Line(String text) {
        this.text = text;
        Matcher matcher = WORD.matcher(text);
        while (matcher.find()) {
            words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group());
        }
        if (words.size() < 2) {
            throw unclear();
        }
    }

    // ---- what kind of line

    boolean isTime() {
        return text.endsWith(" ms pass");
    }

    long millis() {
        return Long.parseLong(words.get(0));
    }

    boolean isOpen() {
        return verb().equals("opens");
    }

    long ttlMillis(long usual) {
        return number("ttl", usual);
    }

    boolean isDelayed() {
        return text.endsWith("(delayed)");
    }

    boolean isHeartbeat() {
        return verb().equals("heartbeats");
    }

    /** The name of the request that arrives, or null if this is a new one. */
    @Nullable
    String arrives() {
        return verb().equals("delivers") ? words.get(2) : null;
    }

    // ---- who

    String client() {
        String who = verb().equals("delivers")
                ? words.get(2).substring(0, words.get(2).indexOf('.'))
                : words.get(0);
        int slash = who.indexOf('/');
        return slash < 0 ? who : who.substring(0, slash);
    }

    String owner() {
        String who = words.get(0);
        int slash = who.indexOf('/');
        return slash < 0 ? "main" : who.substring(slash + 1);
    }

    long mark(long before) {
        return number("mark", before);
    }

    List<Long> ended() {
        long ended = number("ended", 0);
        return ended == 0 ? List.of() : List.of(ended);
    }

    // ---- what

    /** The query, or null if it is a command. */
    @Nullable
    Query query() {
        return switch (verb()) {
            case "gets" -> new Query.Get(NAMESPACE, path());
            case "finds-closest" -> new Query.Closest(NAMESPACE, path());
            case "asks-for-settings" -> new Query.Settings();
            case "asks-for-policies" -> new Query.PrunePolicies(NAMESPACE, null, 100);
            case "asks-for-pool" -> new Query.Pool(NAMESPACE, path(), 100);
            case "lists" -> new Query.List(NAMESPACE, path(), true, true, path(), 100, 0);
            case "asks" ->
                new Query.Locks(NAMESPACE, AbsolutePath.parse(words.get(words.size() - 1)), Scope.PREFIX, 100);
            default -> null;
        };
    }

    /** The command; clients are told by their names which session they have. */
    Command command(ToLongFunction<String> session) {
        return switch (verb()) {
            case "puts" ->
                new ElementCommand.Put(
                        NAMESPACE,
                        path(),
                        Value.of(words.get(3)),
                        number("for", 0),
                        words.contains("ephemeral"),
                        condition(),
                        lease());
            case "registers" -> new ElementCommand.Register(NAMESPACE, path(), lease());
            case "registers-below" ->
                new ElementCommand.RegisterUnique(
                        NAMESPACE, path(), words.size() > 3 ? Value.of(words.get(3)) : Value.NONE, lease());
            case "deletes" ->
                new ElementCommand.Delete(NAMESPACE, path(), words.contains("recursively"), condition(), lease());
            case "locks" ->
                new LeaseCommand.Acquire(NAMESPACE, targets(), number("for", 0), number("waiting", WAIT), label());
            case "tries" -> new LeaseCommand.Acquire(NAMESPACE, targets(), number("for", 0), 0, label());
            case "creates-pool" ->
                new PoolCommand.Create(
                        NAMESPACE,
                        path(),
                        Long.parseLong(words.get(3)),
                        words.contains("below"),
                        words.contains("purging"),
                        lease());
            case "resizes-pool" -> new PoolCommand.Resize(NAMESPACE, path(), Long.parseLong(words.get(3)), lease());
            case "removes-pool" -> new PoolCommand.Remove(NAMESPACE, path(), lease());
            case "claims" -> {
                Target claim = Target.claim(AbsolutePath.parse(words.get(3)), Long.parseLong(words.get(2)));
                yield new LeaseCommand.Acquire(
                        NAMESPACE, List.of(claim), number("for", 0), number("waiting", WAIT), label());
            }
            case "transacts" -> transaction(session);
            case "sets-policy" ->
                new PruneCommand.SetPolicy(
                        NAMESPACE, path(), Long.parseLong(words.get(3)), words.contains("retaining"), lease());
            case "removes-policy" -> new PruneCommand.RemovePolicy(NAMESPACE, path(), lease());
            case "touches" -> new PruneCommand.Touch(NAMESPACE, path());
            case "renews" -> new LeaseCommand.Renew(sequence(words.get(2)), number("for", 0));
            case "releases" -> new LeaseCommand.Release(sequence(words.get(2)));
            case "cancels" -> new LeaseCommand.Cancel(sequence(words.get(2)));
            case "heartbeats" -> new SessionCommand.Heartbeat();
            case "closes" -> new SessionCommand.Close();
            case "drops" -> new NamespaceCommand.Drop(NAMESPACE);
            case "sets" ->
                new AdminCommand.ChangeSettings(
                        List.of(new AdminCommand.Setting(words.get(2), Long.parseLong(words.get(3)))));
            case "raises-level" -> new AdminCommand.RaiseLevel(Integer.parseInt(words.get(2)));
            case "revokes" ->
                new AdminCommand.Revoke(new LeaseId(
                        session.applyAsLong(
                                words.get(2).substring(0, words.get(2).indexOf('.'))),
                        sequence(words.get(2))));
            case "ends" -> new AdminCommand.EndSession(session.applyAsLong(words.get(2)));
            case "drops-by-force" -> new AdminCommand.DropNamespace(NAMESPACE);
            default -> throw unclear();
        };
    }

    /** Its compares and operations are parts of the line, each written as a line without the client. */
    private Transaction transaction(ToLongFunction<String> session) {
        List<Transaction.Compare> compares = new ArrayList<>();
        List<Transaction.Operation> then = new ArrayList<>();
        List<Transaction.Operation> otherwise = new ArrayList<>();
        List<Transaction.Operation> now = then;
        List<String> parts = List.of(text.split(" \\| "));
        for (String part : parts.subList(1, parts.size())) {
            if (part.startsWith("if ")) {
                compares.add(new Line(part).compare(session));
            } else if (part.equals("otherwise")) {
                now = otherwise;
            } else {
                now.add(new Line(client() + " " + part).operation(session));
            }
        }
        return new Transaction(NAMESPACE, compares, then, otherwise);
    }

    private Transaction.Compare compare(ToLongFunction<String> session) {
        if (words.get(2).equals("held")) {
            String lease = words.get(1);
            long holder = session.applyAsLong(lease.substring(0, lease.indexOf('.')));
            return new Transaction.Compare.Held(new LeaseId(holder, sequence(lease)));
        }
        AbsolutePath path = AbsolutePath.parse(words.get(1));
        return switch (words.get(2)) {
            case "version" -> new Transaction.Compare.VersionIs(path, number("version", 0));
            case "revision" -> new Transaction.Compare.ModRevisionIs(path, number("revision", 0));
            case "value" -> new Transaction.Compare.ValueIs(path, Value.of(words.get(3)));
            case "registered" -> new Transaction.Compare.Registered(path, true);
            case "missing" -> new Transaction.Compare.Registered(path, false);
            default -> throw unclear();
        };
    }

    private Transaction.Operation operation(ToLongFunction<String> session) {
        if (verb().equals("gets")) {
            return new Transaction.Operation.Get(path());
        }
        if (command(session) instanceof ElementCommand change) {
            return new Transaction.Operation.Change(change);
        }
        throw unclear();
    }

    private String verb() {
        return words.get(1);
    }

    private AbsolutePath path() {
        return AbsolutePath.parse(words.get(2));
    }

    private List<Target> targets() {
        return words.stream()
                .skip(2)
                .filter(word -> word.startsWith("/"))
                .map(Line::target)
                .toList();
    }

    private static Target target(String word) {
        boolean shared = word.endsWith("(shared)");
        String path = shared ? word.substring(0, word.length() - "(shared)".length()) : word;
        Target target;
        if (path.endsWith("/**")) {
            String top = path.substring(0, path.length() - 3);
            target = Target.prefix(top.isEmpty() ? "/" : top);
        } else {
            target = Target.element(path);
        }
        return shared ? target.shared() : target;
    }

    private String label() {
        int at = words.indexOf("label");
        return at < 0 ? "" : words.get(at + 1);
    }

    private Condition condition() {
        return new Condition(words.contains("absent"), number("version", 0), number("revision", 0));
    }

    private long lease() {
        int at = words.indexOf("under");
        return at < 0 ? 0 : sequence(words.get(at + 1));
    }

    private long number(String word, long otherwise) {
        int at = words.indexOf(word);
        return at < 0 ? otherwise : Long.parseLong(words.get(at + 1));
    }

    private static long sequence(String lease) {
        return Long.parseLong(lease.substring(lease.indexOf('.') + 1));
    }

    private IllegalArgumentException unclear() {
        return new IllegalArgumentException("what does \"" + text + "\" mean? The ways to say things are told at Line");
    }
}
