package io.whatnot.core.engine;

import static io.whatnot.core.model.Target.element;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.Entry;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.wire.FrameListener;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every step of a queue is told, away from where entries are applied, and what is left out is said. */
class QueueLogTest {
    private final ManualExecutor executor = new ManualExecutor();
    private final List<String> lines = new ArrayList<>();
    private final QueueLog log = new QueueLog(executor, lines::add);
    private final NamespaceStateMachine machine = new NamespaceStateMachine();
    private long index;
    private long timeMillis = 1;

    private void apply(Request... requests) {
        Entry entry = new Entry(timeMillis, List.of(requests), index == 0 ? FeatureLevel.NEWEST : 0);
        log.applied(++index, entry, machine.apply(entry));
    }

    private static Request open(long secret, String name) {
        return new Request(0, 0, 0, List.of(), "", new SessionCommand.Open(new Secret(0, secret), 10_000, name));
    }

    private static Request ask(long session, long sequence, LeaseCommand command) {
        return new Request(session, sequence, 0, List.of(), "main", command);
    }

    private static LeaseCommand acquire(String path, long ttlMillis, long waitMillis) {
        return new LeaseCommand.Acquire("n", List.of(element(path)), ttlMillis, waitMillis, "");
    }

    @Test
    void whoWaitsIsGrantedTimesOutCancelsReleasesAndDeadlocksIsToldWithWhenAndWhy() {
        apply(open(1, "ann"), open(2, "bob"));
        apply(ask(1, 1, acquire("/a", 0, 0)));
        apply(ask(2, 1, acquire("/b", 0, 0)), ask(2, 2, acquire("/a", 0, 5_000)));
        apply(ask(1, 2, acquire("/b", 0, 5_000)));
        apply(ask(1, 3, new LeaseCommand.Release(1)));
        apply(ask(2, 3, new LeaseCommand.Cancel(2)));
        timeMillis = 20_000;
        apply();
        assertThat(lines).isEmpty();

        executor.runAll();

        assertThat(lines)
                .anyMatch(line -> line.equals("entry 2 revision 3 time 1: 1.1 of owner \"main\" asks for [/a] in n:"
                        + " granted with token 3"));
        assertThat(lines)
                .anyMatch(
                        line -> line.startsWith("entry 3 revision 4 time 1: 2.2 of owner \"main\" asks for [/a] in n:")
                                && line.endsWith(" waits in place 1 behind 1.1 of ann (1), who holds /a"));
        assertThat(lines)
                .anyMatch(line -> line.startsWith("entry 4 ") && line.contains("1.2 ") && line.contains(" DEADLOCK, "));
        assertThat(lines).anyMatch(line -> line.startsWith("entry 5 ") && line.endsWith("1.1 is released: done"));
        assertThat(lines)
                .anyMatch(line -> line.startsWith("entry 5 ") && line.contains("2.2 is told: granted with token "));
        assertThat(lines).anyMatch(line -> line.startsWith("entry 6 ") && line.endsWith("2.2 is cancelled: done"));
        assertThat(lines).anyMatch(line -> line.contains("/b in n of bob (2) ended: SESSION_ENDED"));
        assertThat(lines).anyMatch(line -> line.contains("session 2 ended, and waits for nothing any more"));
    }

    @Test
    void aLeaseThatRunsOutAndAWaitThatTakesTooLongAreTold() {
        apply(open(1, "ann"), open(2, "bob"));
        apply(ask(1, 1, acquire("/a", 1_000, 0)), ask(2, 1, acquire("/a", 0, 100)));
        timeMillis = 101;
        apply();
        timeMillis = 1_001;
        apply();
        executor.runAll();
        assertThat(lines).anyMatch(line -> line.startsWith("entry 3 ") && line.contains("2.1 is told: LOCK_TIMEOUT, "));
        assertThat(lines)
                .anyMatch(line -> line.startsWith("entry 4 ") && line.endsWith("/a in n of ann (1) ended: EXPIRED"));
    }

    @Test
    void whatHasNothingToDoWithQueuesIsNotTold() {
        apply(open(1, "ann"));
        apply(new Request(1, 0, 0, List.of(), "", new SessionCommand.Heartbeat()));
        executor.runAll();
        assertThat(lines).isEmpty();
    }

    @Test
    void whatCannotBeWrittenInTimeIsLeftOutAndSaidToBe() {
        apply(open(1, "ann"));
        for (int i = 1; i <= QueueLog.ENTRIES_MAX + 7; i++) {
            apply(ask(1, i, acquire("/" + i, 0, 0)));
        }
        executor.runAll();
        assertThat(lines).hasSize(QueueLog.ENTRIES_MAX + 1);
        assertThat(lines.get(0)).isEqualTo("here 7 entries were left out: there were more than could be written");
        apply(ask(1, 5_000, acquire("/last", 0, 0)));
        executor.runAll();
        assertThat(lines.get(lines.size() - 1)).contains("asks for [/last] in n: granted");
    }

    @Test
    void whatIsLeftOutIsCountedInTheStatusOfTheNode() {
        ManualExecutor engines = new ManualExecutor();
        VirtualScheduler scheduler = new VirtualScheduler();
        Engine engine = new Engine(
                new Engine.Options("test", "here:1", 500),
                new DirectLog(),
                scheduler,
                engines,
                engines,
                engines,
                new EngineTargets.Nowhere());
        engine.logQueues(log);
        engine.start();
        FakeStream<V1.ControlReply> stream = new FakeStream<>();
        FrameListener<V1.ControlFrame> client = engine.control(stream);
        stream.listener = client;
        client.frame(V1.ControlFrame.newBuilder()
                .setHello(V1.Hello.getDefaultInstance())
                .addCalls(V1.Call.newBuilder().setId(0).setRequest(RequestCodec.encode(open(1, "ann"))))
                .build());
        settle(engines, scheduler);
        for (int i = 1; i <= QueueLog.ENTRIES_MAX + 7; i++) {
            assertThat(leftOut(engine)).isEqualTo(Math.max(0, i - 1 - QueueLog.ENTRIES_MAX));
            client.frame(V1.ControlFrame.newBuilder()
                    .addCalls(V1.Call.newBuilder()
                            .setId(i)
                            .setRequest(RequestCodec.encode(ask(1, i, acquire("/" + i, 0, 0)))))
                    .build());
            settle(engines, scheduler);
        }
        assertThat(leftOut(engine)).isEqualTo(7);
        executor.runAll();
        assertThat(lines.get(0)).startsWith("here 7 entries were left out");
    }

    private static void settle(ManualExecutor executor, VirtualScheduler scheduler) {
        executor.runAll();
        scheduler.pass(7);
        executor.runAll();
    }

    private static long leftOut(Engine engine) {
        return engine.status().getCountersOrThrow("queue_log_left_out");
    }
}
