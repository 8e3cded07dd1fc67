package io.whatnot.core.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.whatnot.core.engine.DirectLog;
import io.whatnot.core.engine.ReplicatedLog;
import io.whatnot.core.engine.ReplicatedLog.Context;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Target;
import io.whatnot.core.protocol.EntryCodec;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A state machine behind a {@link DirectLog}, and one who sends it commands, all on one thread: a command is encoded, appended,
 * decoded and applied. What that takes is processor time and nothing else.
 */
final class LoggedMachine implements ReplicatedLog.Listener {
    private static final long SESSION_TTL = 3_600_000;
    private static final long WAIT = 3_600_000;

    private final NamespaceStateMachine machine = new NamespaceStateMachine();
    private final DirectLog log = new DirectLog();
    private List<Result> answers = List.of();
    private long secrets;

    /** Somebody with a session. */
    final class Client {
        private final long session;
        private long sequence;

        private Client(long session) {
            this.session = session;
        }

        /** Registers an element, and what is above it. */
        ByteString registering(String path) {
            return request("", new ElementCommand.Register("n", AbsolutePath.parse(path), 0));
        }

        /** Locks; what can't be had at once fails the benchmark. */
        long lock(String owner, Target target) {
            require(Result.Granted.class, send(request(owner, asking(target, 0))));
            return sequence;
        }

        /** Gets in line. */
        long enqueue(String owner, Target target) {
            require(Result.Queued.class, send(request(owner, asking(target, WAIT))));
            return sequence;
        }

        void release(long lease) {
            requireAccepted(send(request("", new LeaseCommand.Release(lease))));
        }

        void cancel(long request) {
            requireAccepted(send(request("", new LeaseCommand.Cancel(request))));
        }

        private Command asking(Target target, long waitMillis) {
            return new LeaseCommand.Acquire("n", List.of(target), 0, waitMillis, "");
        }

        private ByteString request(String owner, Command command) {
            sequence++;
            return RequestCodec.encode(new Request(session, sequence, sequence, List.of(), owner, command));
        }
    }

    LoggedMachine() {
        log.start(this);
    }

    Client open() {
        Request open = new Request(
                0, 0, 0, List.of(), "", new SessionCommand.Open(new Secret(1, ++secrets), SESSION_TTL, "bench"));
        return new Client(
                require(Result.Opened.class, send(RequestCodec.encode(open))).session());
    }

    /** Registers many elements, many in an entry. */
    void register(Client client, Iterable<String> paths) {
        List<ByteString> batch = new ArrayList<>();
        for (String path : paths) {
            batch.add(client.registering(path));
            if (batch.size() == 1_000) {
                accepted(batch);
                batch.clear();
            }
        }
        accepted(batch);
    }

    private void accepted(List<ByteString> batch) {
        append(batch);
        answers.forEach(LoggedMachine::requireAccepted);
    }

    private Result send(ByteString request) {
        append(List.of(request));
        return answers.get(0);
    }

    private void append(List<ByteString> requests) {
        Context context = () -> {
            throw new IllegalStateException("the log is closed");
        };
        log.append(1, EntryCodec.encode(1, requests), context);
    }

    private static void requireAccepted(Result answer) {
        if (answer instanceof Result.Refused) {
            throw new IllegalStateException(answer.toString());
        }
    }

    private static <T extends Result> T require(Class<T> kind, Result answer) {
        if (!kind.isInstance(answer)) {
            throw new IllegalStateException(answer + ", not " + kind.getSimpleName());
        }
        return kind.cast(answer);
    }

    @Override
    public void applied(long index, ByteString entry, @Nullable Context context) {
        try {
            answers = machine.apply(EntryCodec.decode(entry)).results();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void leading(long term, ReplicatedLog.@Nullable Reforming reforming) {}

    @Override
    public boolean isServing() {
        return true;
    }

    @Override
    public void following(@Nullable String leader) {}

    @Override
    public void members(List<String> endpoints) {}

    @Override
    public State image() {
        return machine.state();
    }

    @Override
    public void restored(long index, State state) {
        machine.restore(state);
    }
}
