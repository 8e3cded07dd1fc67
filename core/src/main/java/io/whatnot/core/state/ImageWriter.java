package io.whatnot.core.state;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.protocol.CommonCodec;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.log.V1Log;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.lock.Owner;
import io.whatnot.core.state.lock.Pools;
import io.whatnot.core.state.lock.WaitingRequest;
import io.whatnot.core.state.map.OrderedMap;
import io.whatnot.core.state.session.Session;
import io.whatnot.core.state.tree.Element;
import io.whatnot.core.state.tree.Elements;
import io.whatnot.core.state.tree.Policies.Policy;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * Writes a published state down: everything that {@link ImageReader} needs to make a replica that goes on exactly as
 * this one would. Equal states give equal bytes. Writing takes nothing from whoever applies further entries.
 */
public final class ImageWriter {
    static final int FORMAT = 1;

    private final OutputStream out;
    private long records;

    private ImageWriter(OutputStream out) {
        this.out = out;
    }

    /** Writes an image and flushes; does not close.
     *
     * @throws IOException if the stream does */
    public static void write(State state, OutputStream out) throws IOException {
        CheckedOutputStream checked = new CheckedOutputStream(out, new CRC32C());
        new ImageWriter(checked).writeAll(state);
        DataOutputStream trailer = new DataOutputStream(out);
        trailer.writeInt((int) checked.getChecksum().getValue());
        trailer.flush();
    }

    private void writeAll(State state) throws IOException {
        write(V1Log.Record.newBuilder()
                .setHeader(V1Log.Header.newBuilder()
                        .setFormat(FORMAT)
                        .setTime(state.timeMillis)
                        .setRevision(state.revision)
                        .setEntries(state.entries)
                        .setLastArrival(state.locks.lastArrival())
                        .setSettings(settings(state.settings))
                        .setFeatureLevel(state.foundedLevel)
                        .setEpoch(state.epoch)
                        .setRecoveringUntil(state.recoveringUntilMillis)
                        .setLongestTtl(state.longestTtlMillis)));
        for (OrderedMap.Entry<Long, Session> session : state.sessions.all()) {
            write(V1Log.Record.newBuilder().setSession(session(session.value())));
        }
        for (String namespace : state.elements.namespaces()) {
            writeNamespace(state, namespace);
        }
        for (OrderedMap.Entry<Pools.Place, Pools.Pool> pool :
                state.locks.pools().all()) {
            write(V1Log.Record.newBuilder()
                    .setPool(V1Log.Pool.newBuilder()
                            .setNamespace(pool.key().namespace())
                            .setPath(pool.key().path().toString())
                            .setSize(pool.value().size())
                            .setPrefix(pool.value().prefix())));
        }
        for (String namespace : state.policies.namespaces()) {
            for (OrderedMap.Entry<AbsolutePath, Policy> policy : state.policies.in(namespace)) {
                write(V1Log.Record.newBuilder().setPrunePolicy(policy(namespace, policy.key(), policy.value())));
            }
        }
        for (OrderedMap.Entry<?, Lease> lease : state.locks.leases()) {
            write(V1Log.Record.newBuilder().setLease(lease(lease.value())));
        }
        for (OrderedMap.Entry<Long, WaitingRequest> waiting : state.locks.waiting()) {
            write(V1Log.Record.newBuilder().setWaiting(waiting(waiting.value())));
        }
        for (OrderedMap.Entry<Deadline, Boolean> broken : state.broken) {
            write(V1Log.Record.newBuilder().setBroken(deadline(broken.key())));
        }
        for (OrderedMap.Entry<String, State.Rejoined> voter : state.rejoined) {
            write(V1Log.Record.newBuilder()
                    .setRejoined(V1Log.Rejoined.newBuilder()
                            .setVoter(voter.key())
                            .setIncarnation(voter.value().incarnation())
                            .setTerm(voter.value().term())));
        }
        for (OrderedMap.Entry<LeaseId, Boolean> each : state.reclaimed) {
            write(V1Log.Record.newBuilder()
                    .setReclaimed(V1Log.Reclaimed.newBuilder()
                            .setSession(each.key().session())
                            .setSequence(each.key().sequence())
                            .setEnded(!each.value())));
        }
        write(V1Log.Record.newBuilder().setEnd(V1Log.End.newBuilder().setRecords(records)));
    }

    private void write(V1Log.Record.Builder record) throws IOException {
        record.build().writeDelimitedTo(out);
        records++;
    }

    private void writeNamespace(State state, String namespace) throws IOException {
        Elements elements = state.elements;
        write(V1Log.Record.newBuilder()
                .setNamespace(V1Log.Namespace.newBuilder()
                        .setName(namespace)
                        .setDeadlocksStay(!state.locks.cutsDeadlocksIn(namespace))));
        write(element(elements, namespace, elements.closest(namespace, AbsolutePath.ROOT)));
        Iterator<Elements.Placed> below = elements.below(namespace, AbsolutePath.ROOT, true, AbsolutePath.ROOT);
        while (below.hasNext()) {
            write(element(elements, namespace, below.next()));
        }
    }

    private static V1Log.Record.Builder element(Elements elements, String namespace, Elements.Placed placed) {
        long[] noted = elements.noted(namespace, placed.path());
        Element element = placed.element();
        return V1Log.Record.newBuilder()
                .setElement(V1Log.Element.newBuilder()
                        .setPath(placed.path().toString())
                        .setValue(CommonCodec.encode(element.value()))
                        .setVersion(element.version())
                        .setCreateRevision(element.createRevision())
                        .setModRevision(element.modRevision())
                        .setActor(CommonCodec.encode(element.actor()))
                        .setTtl(element.ttlMillis())
                        .setDeadline(element.deadlineMillis())
                        .setEphemeralSession(element.ephemeralSession())
                        .setActive(noted[0])
                        .setCovered(noted[1]));
    }

    private static V1Log.PrunePolicy policy(String namespace, AbsolutePath path, Policy policy) {
        AbsolutePath cursor = policy.cursor();
        return V1Log.PrunePolicy.newBuilder()
                .setNamespace(namespace)
                .setPath(path.toString())
                .setIdleAfter(policy.idleAfterMillis())
                .setRetainValues(policy.retainValues())
                .setSince(policy.sinceMillis())
                .setDue(policy.dueMillis())
                .setCursor(cursor == null ? "" : cursor.toString())
                .setEarliest(policy.earliestMillis())
                .build();
    }

    private static V1Log.Session session(Session session) {
        V1Log.Session.Builder message = V1Log.Session.newBuilder()
                .setId(session.id())
                .setSecret(CommonCodec.encode(session.secret()))
                .setName(session.name())
                .setTtl(session.ttlMillis())
                .setDeadline(session.deadlineMillis())
                .setMark(session.mark());
        for (OrderedMap.Entry<Long, Result> answer : session.answers()) {
            message.addAnswers(kept(answer.key(), answer.value(), false));
        }
        for (OrderedMap.Entry<Long, Session.End> end : session.ends()) {
            message.addEnds(kept(end.key(), end.value().result(), end.value().tombstone()));
        }
        return message.build();
    }

    private static V1Log.Kept kept(long sequence, Result result, boolean tombstone) {
        return V1Log.Kept.newBuilder()
                .setSequence(sequence)
                .setResult(ResultCodec.encode(result))
                .setTombstone(tombstone)
                .build();
    }

    private static V1Log.Lease lease(Lease lease) {
        return V1Log.Lease.newBuilder()
                .setSession(lease.id().session())
                .setSequence(lease.id().sequence())
                .setNamespace(lease.namespace())
                .addAllTargets(lease.targets().stream().map(CommonCodec::encode).toList())
                .setOwner(owner(lease.owner()))
                .setToken(lease.token())
                .setTtl(lease.ttlMillis())
                .setDeadline(lease.deadlineMillis())
                .setSince(lease.sinceMillis())
                .setLabel(lease.label())
                .build();
    }

    private static V1Log.WaitingRequest waiting(WaitingRequest waiting) {
        return V1Log.WaitingRequest.newBuilder()
                .setArrival(waiting.arrival())
                .setSession(waiting.id().session())
                .setSequence(waiting.id().sequence())
                .setNamespace(waiting.namespace())
                .addAllTargets(
                        waiting.targets().stream().map(CommonCodec::encode).toList())
                .setOwner(owner(waiting.owner()))
                .setTtl(waiting.ttlMillis())
                .setSince(waiting.sinceMillis())
                .setDeadline(waiting.deadlineMillis())
                .setLabel(waiting.label())
                .build();
    }

    private static V1Log.Owner owner(Owner owner) {
        return V1Log.Owner.newBuilder()
                .setLabel(owner.label())
                .setSequence(owner.sequence())
                .build();
    }

    private static V1Log.Deadline deadline(Deadline deadline) {
        return V1Log.Deadline.newBuilder()
                .setAt(deadline.atMillis())
                .setKind(deadline.kind().name())
                .setSession(deadline.session())
                .setSequence(deadline.sequence())
                .setNamespace(deadline.namespace())
                .setPath(deadline.path() == null ? "" : deadline.path().toString())
                .build();
    }

    private static V1Log.Settings settings(Settings settings) {
        V1Log.Settings.Builder message = V1Log.Settings.newBuilder()
                .setNamespacesMax(settings.namespacesMax())
                .setElementsMax(settings.elementsMax())
                .setValueBytesMax(settings.valueBytesMax())
                .setSessionsMax(settings.sessionsMax())
                .setOwnedMax(settings.ownedMax())
                .setWaitersMax(settings.waitersMax())
                .setAnswersMax(settings.answersMax())
                .setAnswerBytesMax(settings.answerBytesMax())
                .setEventsMax(settings.eventsMax())
                .setEventBytesMax(settings.eventBytesMax())
                .setStateBytesMax(settings.stateBytesMax())
                .setNamespacesByUse(settings.namespacesByUse());
        if (!settings.rates().equals(Rates.NONE)) { // an older version knows nothing of them
            message.setRates(rates(settings.rates()));
        }
        return message.build();
    }

    private static V1Log.Rates rates(Rates rates) {
        return V1Log.Rates.newBuilder()
                .setIdentityRate(rates.identityRate())
                .setIdentityBurst(rates.identityBurst())
                .setSessionRate(rates.sessionRate())
                .setSessionBurst(rates.sessionBurst())
                .setPathRate(rates.pathRate())
                .setPathBurst(rates.pathBurst())
                .setSessionInFlightMax(rates.sessionInFlightMax())
                .build();
    }
}
