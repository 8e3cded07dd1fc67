package io.whatnot.node.faults;

import java.util.List;

/**
 * A line of a history, as a checker is given it.
 *
 * @param nanos when, on the machine's monotonic clock
 * @param kind see {@link History}
 * @param what what the line is about, among all clients
 * @param words the rest
 */
record Line(long nanos, char kind, String what, List<String> words) {
    /** A line as {@link History} writes it, of that client. */
    static Line parse(String client, String text) {
        String[] parts = text.split(" ", 4);
        return new Line(
                Long.parseLong(parts[0]),
                parts[1].charAt(0),
                client + "#" + parts[2],
                List.of(parts[3].split(" ", -1)));
    }

    String word(int index) {
        return words.get(index);
    }

    long number(int index) {
        return Long.parseLong(words.get(index));
    }

    @Override
    public String toString() {
        return nanos + " " + kind + " " + what + " " + String.join(" ", words);
    }
}
