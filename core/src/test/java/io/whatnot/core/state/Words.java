package io.whatnot.core.state;

import io.whatnot.core.model.Actor;
import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Answers, events and pushes in words, short enough for a test to compare and plain enough for people who read no Java.
 * A lease is called by its client's name and the number of the request: {@code ann.3}.
 */
public final class Words {
    private final Map<Long, String> names;

    Words(Map<Long, String> names) {
        this.names = names;
    }

    /** {@code LOCKED /a/** by ann}; with the cause where it is not a request. */
    public String event(WatchEvent event) {
        String what = event.target() != null
                ? event.target().toString()
                : event.path().toString();
        String cause = event.cause() == Cause.REQUEST ? "" : ", " + event.cause();
        return event.change() + " " + what + " by " + actor(event.actor()) + cause;
    }

    /** The event with all it carries. */
    public String fully(WatchEvent event) {
        StringBuilder text = new StringBuilder(event(event));
        if (event.version() != 0) {
            text.append(", version ").append(event.version());
        }
        if (event.value() != null && event.value().size() > 0) {
            text.append(", ").append(value(event.value()));
        }
        if (event.token() != null) {
            text.append(", token ").append(event.token());
        }
        if (!event.note().isEmpty()) {
            text.append(", \"").append(event.note()).append('"');
        }
        return text.toString();
    }

    /** {@code ann.3: granted …}. */
    public String push(Applied.Push push) {
        String whom = push.id().sequence() == 0 ? name(push.id().session()) : id(push.id());
        return whom + ": " + answer(push.result());
    }

    /** An answer in a line. */
    public String answer(Result answer) {
        if (answer instanceof Result.Refused refused) {
            return refused.code() + detail(refused.detail());
        }
        if (answer instanceof Result.Granted granted) {
            return "granted " + id(granted.id()) + " with token " + granted.token()
                    + (granted.deadlineMillis() == 0 ? "" : " until " + granted.deadlineMillis())
                    + (granted.pool() == null ? "" : ", of pool " + granted.pool());
        }
        if (answer instanceof Result.Queued queued) {
            return "queued " + id(queued.id()) + place(queued.position(), queued.blockers());
        }
        if (answer instanceof Result.Opened opened) {
            return "opened session " + opened.session() + " until " + opened.deadlineMillis();
        }
        if (answer instanceof Result.Alive alive) {
            return "alive until " + alive.deadlineMillis();
        }
        if (answer instanceof Result.Done done) {
            return "done at revision " + done.revision();
        }
        if (answer instanceof Result.Written written) {
            return "written at revision " + written.revision() + " as version " + written.version();
        }
        if (answer instanceof Result.Registered registered) {
            return "registered " + registered.path() + " at revision " + registered.revision();
        }
        if (answer instanceof Result.Settings settings) {
            return settings.settings().stream()
                    .map(setting -> setting.name() + " " + setting.value()
                            + (setting.used().isPresent()
                                    ? ", used " + setting.used().getAsLong()
                                    : ""))
                    .collect(Collectors.joining("\n"));
        }
        if (answer instanceof Result.Deleted deleted) {
            return "deleted " + deleted.count() + " at revision " + deleted.revision();
        }
        if (answer instanceof Result.Transacted transacted) {
            return (transacted.succeeded() ? "then" : "otherwise") + " at revision " + transacted.revision()
                    + transacted.results().stream()
                            .map(result -> "\n" + answer(result))
                            .collect(Collectors.joining());
        }
        if (answer instanceof Result.Renewed renewed) {
            return renewed.deadlineMillis() == 0
                    ? "lives as long as its session"
                    : "renewed until " + renewed.deadlineMillis();
        }
        if (answer instanceof Result.Found found) {
            return found.element().map(this::element).orElse("nothing");
        }
        if (answer instanceof Result.Page page) {
            return page.elements().stream().map(this::element).collect(Collectors.joining("\n"))
                    + (page.more() ? "\nand more" : "");
        }
        if (answer instanceof Result.Locks locks) {
            return locks(locks);
        }
        if (answer instanceof Result.Namespaces namespaces) {
            return namespaces.namespaces().stream()
                    .map(namespace -> namespace.name() + " with " + namespace.elements() + " elements")
                    .collect(Collectors.joining("\n"));
        }
        if (answer instanceof Result.Pool pool) {
            return pool.pool().map(Words::pool).orElse("no pool")
                    + (pool.pool().isEmpty()
                            ? ""
                            : "\n" + locks(new Result.Locks(pool.revision(), pool.held(), pool.waiting(), false)));
        }
        if (answer instanceof Result.PrunePolicies policies) {
            return policies.policies().stream().map(Words::policy).collect(Collectors.joining("\n"))
                    + (policies.more() ? "\nand more" : "");
        }
        throw new AssertionError(answer);
    }

    private static String policy(Result.PolicyView policy) {
        return policy.path()
                + (policy.never() ? " never" : " after " + policy.idleAfterMillis() + " ms")
                + (policy.retainValues() ? " without a value" : "");
    }

    private static String pool(Result.PoolView pool) {
        return "pool of " + pool.size() + " at " + pool.path() + (pool.prefix() ? "/**" : "") + ", used " + pool.used();
    }

    /** {@code ann.3 holds /a}, {@code bob.1 waits for /a}. */
    public String blocker(Blocker blocker) {
        return id(blocker.id()) + (blocker.waiting() ? " waits for " : " holds ") + blocker.target();
    }

    private String element(ElementView element) {
        return element.path()
                + (element.value().equals(Value.NONE) ? "" : " " + value(element.value()))
                + " version " + element.version()
                + (element.ttlMillis() == 0 ? "" : " for " + element.ttlMillis() + " ms")
                + (element.ephemeralSession() == 0 ? "" : " with " + name(element.ephemeralSession()));
    }

    private String locks(Result.Locks locks) {
        StringBuilder text = new StringBuilder();
        for (Blocker held : locks.held()) {
            text.append(blocker(held))
                    .append(" since ")
                    .append(held.sinceMillis())
                    .append('\n');
        }
        for (Result.Waiting waiting : locks.waiting()) {
            text.append(blocker(waiting.request()))
                    .append(" since ")
                    .append(waiting.request().sinceMillis())
                    .append(place(waiting.position(), waiting.blockers()))
                    .append('\n');
        }
        return text.isEmpty() ? "no locks" : text.toString().stripTrailing();
    }

    private String detail(Detail detail) {
        if (detail instanceof Detail.Blocked blocked) {
            return place(blocked.position(), blocked.blockers());
        }
        if (detail instanceof Detail.Deadlock deadlock) {
            return " of " + deadlock.length() + ": "
                    + deadlock.cycle().stream()
                            .map(wait -> name(wait.request().holder().session()) + " waits, " + blocker(wait.held()))
                            .collect(Collectors.joining(", "));
        }
        if (detail instanceof Detail.Present present) {
            return present.version() == 0 ? ": there is none" : ": there is version " + present.version();
        }
        if (detail instanceof Detail.Ended ended) {
            return ": " + ended.cause();
        }
        return "";
    }

    private String place(long position, List<Blocker> blockers) {
        return (position == 0 ? "" : " in place " + position)
                + (blockers.isEmpty()
                        ? ""
                        : ": " + blockers.stream().map(this::blocker).collect(Collectors.joining(", ")));
    }

    private static String value(Value value) {
        return '"' + value.text() + '"';
    }

    private String actor(Actor actor) {
        return actor.session() == 0 ? "the cluster" : name(actor.session());
    }

    private String id(LeaseId id) {
        return name(id.session()) + "." + id.sequence();
    }

    private String name(long session) {
        return names.getOrDefault(session, "session " + session);
    }
}
