package io.whatnot.cli;

import io.whatnot.client.Compare;
import io.whatnot.client.Op;
import io.whatnot.client.Put;
import io.whatnot.client.TransactionRequest;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A line of a transaction, as the command line takes it. Whatever is wrong with it is an IllegalArgumentException. */
final class TransactionLine {
    private final String line;
    private final List<String> words;
    private int next;

    private TransactionLine(String line) {
        this.line = line;
        this.words = words(line);
    }

    /** What it adds to a transaction. */
    interface Part {
        void addTo(TransactionRequest request);
    }

    static Part parse(String line) {
        if (line.isBlank() || line.strip().startsWith("#")) {
            return request -> {};
        }
        return new TransactionLine(line).part();
    }

    private Part part() {
        Part part;
        String first = word("when, then or else");
        switch (first) {
            case "when" -> {
                Transaction.Compare compare = compare();
                part = request -> request.when(compare);
            }
            case "then" -> {
                Op operation = operation();
                part = request -> request.then(operation);
            }
            case "else" -> {
                Op operation = operation();
                part = request -> request.otherwise(operation);
            }
            default -> throw wrong("it begins with \"" + first + "\", and should with when, then or else");
        }
        if (next < words.size()) {
            throw wrong("\"" + words.get(next) + "\" is too much; what has blanks goes into double quotes");
        }
        return part;
    }

    private Transaction.Compare compare() {
        String what = word("what is compared");
        return switch (what) {
            case "version" -> Compare.version(word("a path"), number());
            case "modrevision" -> Compare.modRevision(word("a path"), new Revision(number()));
            case "value" -> Compare.value(word("a path"), Value.of(word("a text")));
            case "exists" -> Compare.exists(word("a path"));
            case "absent" -> Compare.absent(word("a path"));
            case "held" -> Compare.held(lease(word("a lease")));
            default ->
                throw wrong("\"" + what
                        + "\" can't be compared: there are version, modrevision, value, exists, absent and" + " held");
        };
    }

    private Op operation() {
        String what = word("an operation");
        return switch (what) {
            case "get" -> Op.get(word("a path"));
            case "register" -> Op.register(word("a path"));
            case "unique" ->
                Op.registerUnique(word("a path"), next < words.size() ? Value.of(word("a text")) : Value.NONE);
            case "rm" -> {
                String path = word("a path");
                yield path.equals("-r") ? Op.deleteRecursive(word("a path")) : Op.delete(path);
            }
            case "put" -> put();
            default -> throw wrong("\"" + what + "\" is no operation: there are get, put, register, unique and rm");
        };
    }

    private Op put() {
        Put how = Put.with();
        String path = word("a path");
        while (path.startsWith("--")) {
            how = switch (path) {
                case "--ttl" -> how.ttl(Duration.ofMillis(number()));
                case "--if-absent" -> how.ifAbsent();
                case "--if-present" -> how.ifPresent();
                case "--if-version" -> how.ifVersion(number());
                default -> throw wrong(path + " is no option of put");
            };
            path = word("a path");
        }
        return Op.put(path, Value.of(word("a text")), how);
    }

    private String word(String what) {
        if (next == words.size()) {
            throw wrong("it ends where " + what + " should come");
        }
        return words.get(next++);
    }

    private long number() {
        return number(word("a number"));
    }

    private long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw wrong("\"" + text + "\" is no number", e);
        }
    }

    private LeaseId lease(String text) {
        int dot = text.indexOf('.');
        if (dot < 0) {
            throw wrong("\"" + text + "\" is no lease; that is SESSION.SEQUENCE, as \"whatnot leases\" shows it");
        }
        return new LeaseId(number(text.substring(0, dot)), number(text.substring(dot + 1)));
    }

    private List<String> words(String text) {
        List<String> found = new ArrayList<>();
        for (int at = 0; at < text.length(); ) {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else if (text.charAt(at) == '"') {
                at = quoted(text, at + 1, found::add);
            } else {
                int end = at;
                while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
                    end++;
                }
                found.add(text.substring(at, end));
                at = end;
            }
        }
        return found;
    }

    /** Reads up to the next double quote that no backslash stands before; tells where what follows begins. */
    private int quoted(String text, int from, Consumer<String> found) {
        StringBuilder word = new StringBuilder();
        for (int at = from; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                found.accept(word.toString());
                return at + 1;
            }
            if (c == '\\') {
                at++;
                if (at == text.length() || (text.charAt(at) != '"' && text.charAt(at) != '\\')) {
                    throw wrong("a backslash in double quotes stands before a double quote or another backslash");
                }
                c = text.charAt(at);
            }
            word.append(c);
        }
        throw wrong("a double quote is not closed");
    }

    private IllegalArgumentException wrong(String why) {
        return wrong(why, null);
    }

    private IllegalArgumentException wrong(String why, @Nullable Throwable cause) {
        String shown = line.length() > 100 ? line.substring(0, 100) + "…" : line;
        return new IllegalArgumentException(why + ": " + shown, cause);
    }
}
