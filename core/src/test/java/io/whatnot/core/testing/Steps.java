package io.whatnot.core.testing;

import io.whatnot.core.model.Entry;
import io.whatnot.core.state.Applied;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;

/** The last steps of a run, to be read when it fails. */
public final class Steps {
    private static final int KEPT = 50;

    private final Deque<Object> last = new ArrayDeque<>();
    private long count;

    /** Notes a step; it is turned into text only if that is asked for. */
    public void add(Object step) {
        count++;
        last.add(step);
        if (last.size() > KEPT) {
            last.remove();
        }
    }

    /** Notes an entry and what came of it. */
    public void add(Entry entry, Applied applied) {
        add(new Applying(entry, applied));
    }

    private record Applying(Entry entry, Applied applied) {
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder("entry at " + entry.timeMillis());
            for (int i = 0; i < entry.requests().size(); i++) {
                text.append("\n    ").append(Objects.toString(entry.requests().get(i), "(unreadable)"));
                text.append("\n    = ").append(applied.results().get(i));
            }
            applied.events().forEach(event -> text.append("\n    event ").append(event));
            applied.pushes().forEach(push -> text.append("\n    ").append(push));
            applied.dropped().forEach(dropped -> text.append("\n    ").append(dropped));
            return text + "\n    time " + applied.timeMillis() + " revision " + applied.revision();
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        long number = count - last.size();
        for (Object step : last) {
            text.append(++number).append(": ").append(step).append('\n');
        }
        return text.toString();
    }
}
