package io.whatnot.core.state;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.PruneCommand;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Target;
import io.whatnot.core.protocol.CommonCodec;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.log.V1Log;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.lock.Owner;
import io.whatnot.core.state.lock.Pools;
import io.whatnot.core.state.lock.WaitingRequest;
import io.whatnot.core.state.session.Session;
import io.whatnot.core.state.tree.Element;
import io.whatnot.core.state.tree.Policies.Policy;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;

/**
 * Reads an image back into a state. Nothing becomes visible of an image that is cut short, altered, or of an unknown
 * format: reading it throws.
 */
public final class ImageReader {
    private final State state = State.empty(Settings.DEFAULT);
    private final int levelMax;
    private String namespace = "";
    private long records;

    private ImageReader(int levelMax) {
        this.levelMax = levelMax;
    }

    /** The state of which {@link ImageWriter} wrote the image.
     *
     * @throws IOException if the stream does, or what is in it is not a whole image
     * @throws UnsupportedLevelException if it is of a feature level that this software doesn't know */
    public static State read(InputStream in) throws IOException {
        return read(in, FeatureLevel.NEWEST);
    }

    /** The same for software that supports feature levels up to that one. */
    public static State read(InputStream in, int levelMax) throws IOException {
        CheckedInputStream checked = new CheckedInputStream(in, new CRC32C());
        ImageReader reader = new ImageReader(levelMax);
        try {
            while (reader.apply(next(checked))) {
                reader.records++;
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new IOException("the image contradicts itself at record " + reader.records, e);
        }
        int expected = (int) checked.getChecksum().getValue();
        int found = checksum(in);
        if (found != expected) {
            throw new IOException("the image is damaged: its checksum is " + Integer.toHexString(found)
                    + ", but should be " + Integer.toHexString(expected));
        }
        if (reader.isTooNew()) { // and is whole: no damage passes for a newer version
            throw UnsupportedLevelException.of("the image is of", reader.state.foundedLevel, levelMax);
        }
        return reader.state.publish();
    }

    private static int checksum(InputStream in) throws IOException {
        try {
            return new DataInputStream(in).readInt();
        } catch (EOFException e) {
            throw new IOException("the image is cut short: it has no checksum", e);
        }
    }

    private static V1Log.Record next(InputStream in) throws IOException {
        V1Log.Record record = V1Log.Record.parseDelimitedFrom(in);
        if (record == null) {
            throw new EOFException("the image is cut short");
        }
        return record;
    }

    private boolean isTooNew() {
        return state.foundedLevel > levelMax;
    }

    /** Takes a record in; false when it was the last. */
    private boolean apply(V1Log.Record record) throws IOException {
        if (isTooNew() && record.getKindCase() != V1Log.Record.KindCase.END) {
            return true;
        }
        switch (record.getKindCase()) {
            case HEADER -> header(record.getHeader());
            case NAMESPACE -> {
                namespace = record.getNamespace().getName();
                state.locks.cutDeadlocksIn(namespace, !record.getNamespace().getDeadlocksStay());
            }
            case ELEMENT -> element(record.getElement());
            case SESSION -> session(record.getSession());
            case LEASE -> lease(record.getLease());
            case WAITING -> waiting(record.getWaiting());
            case POOL -> pool(record.getPool());
            case PRUNE_POLICY -> policy(record.getPrunePolicy());
            case BROKEN -> broken(record.getBroken());
            case REJOINED ->
                state.noteRejoined(
                        record.getRejoined().getVoter(),
                        new State.Rejoined(
                                record.getRejoined().getIncarnation(),
                                record.getRejoined().getTerm()));
            case RECLAIMED ->
                state.noteReclaimed(
                        new LeaseId(
                                record.getReclaimed().getSession(),
                                record.getReclaimed().getSequence()),
                        !record.getReclaimed().getEnded());
            case END -> {
                if (record.getEnd().getRecords() != records) {
                    throw new IOException("the image has " + records + " records, but should have "
                            + record.getEnd().getRecords());
                }
                return false;
            }
            case KIND_NOT_SET ->
                throw new IOException("the image has a record of a kind that this version doesn't know");
        }
        return true;
    }

    private void header(V1Log.Header header) throws IOException {
        if (header.getFormat() != ImageWriter.FORMAT) {
            throw new IOException("the image has format " + header.getFormat() + ", but this version knows only "
                    + ImageWriter.FORMAT);
        }
        int level = header.getFeatureLevel();
        if (level < 0) {
            throw new IOException("the image has feature level " + level);
        }
        state.foundedLevel = level;
        if (isTooNew()) {
            return; // what else it says is not for this version to understand
        }
        state.timeMillis = header.getTime();
        state.revision = header.getRevision();
        state.entries = header.getEntries();
        state.locks.restoreLastArrival(header.getLastArrival());
        state.epoch = header.getEpoch();
        state.longestTtlMillis = header.getLongestTtl();
        state.recoveringUntilMillis = header.getRecoveringUntil();
        if (state.isRecovering()) {
            state.addDeadline(Deadline.ofRecovery(state.recoveringUntilMillis));
        }
        V1Log.Settings settings = header.getSettings();
        state.settings = new Settings(
                settings.getNamespacesMax(),
                settings.getElementsMax(),
                settings.getValueBytesMax(),
                settings.getSessionsMax(),
                settings.getOwnedMax(),
                settings.getWaitersMax(),
                settings.getAnswersMax(),
                settings.getAnswerBytesMax(),
                settings.getEventsMax(),
                settings.getEventBytesMax(),
                settings.getStateBytesMax(),
                settings.getNamespacesByUse(),
                rates(settings.getRates()));
    }

    private static Rates rates(V1Log.Rates rates) {
        return new Rates(
                rates.getIdentityRate(),
                rates.getIdentityBurst(),
                rates.getSessionRate(),
                rates.getSessionBurst(),
                rates.getPathRate(),
                rates.getPathBurst(),
                rates.getSessionInFlightMax());
    }

    private void element(V1Log.Element message) {
        AbsolutePath path = AbsolutePath.parse(message.getPath());
        Element element = new Element(
                CommonCodec.decode(message.getValue()),
                message.getVersion(),
                message.getCreateRevision(),
                message.getModRevision(),
                CommonCodec.decode(message.getActor()),
                message.getTtl(),
                message.getDeadline(),
                message.getEphemeralSession());
        if (path.isRoot()) {
            state.elements.createNamespace(namespace, element);
            restoreActivity(message, path);
            return;
        }
        state.elements.put(namespace, path, element);
        ElementExecutor.remember(state, namespace, path, element);
        restoreActivity(message, path);
    }

    private void restoreActivity(V1Log.Element message, AbsolutePath path) {
        if (message.getActive() != 0) {
            state.elements.restoreActivity(namespace, path, message.getActive(), message.getCovered());
        }
    }

    private void policy(V1Log.PrunePolicy message) {
        if (message.getIdleAfter() < 0 || message.getIdleAfter() > PruneCommand.IDLE_AFTER_MILLIS_MAX) {
            throw new IllegalArgumentException("a policy prunes after " + message.getIdleAfter() + " ms");
        }
        PruneExecutor.put(
                state,
                message.getNamespace(),
                AbsolutePath.parse(message.getPath()),
                new Policy(
                        message.getIdleAfter(),
                        message.getRetainValues(),
                        message.getSince(),
                        message.getDue(),
                        message.getCursor().isEmpty() ? null : AbsolutePath.parse(message.getCursor()),
                        message.getEarliest()));
    }

    private void session(V1Log.Session message) {
        Session session = Session.opened(
                message.getId(),
                CommonCodec.decode(message.getSecret()),
                message.getName(),
                message.getTtl(),
                message.getDeadline());
        NavigableMap<Long, Result> answers = new TreeMap<>();
        message.getAnswersList().forEach(kept -> answers.put(kept.getSequence(), ResultCodec.decode(kept.getResult())));
        NavigableMap<Long, Session.End> ends = new TreeMap<>();
        message.getEndsList()
                .forEach(kept -> ends.put(
                        kept.getSequence(),
                        new Session.End(ResultCodec.decode(kept.getResult()), kept.getTombstone())));
        state.sessions.restore(session, message.getMark(), answers, ends);
        state.addDeadline(SessionExecutor.deadlineOf(session));
    }

    private void lease(V1Log.Lease message) {
        Lease lease = new Lease(
                new LeaseId(message.getSession(), message.getSequence()),
                message.getNamespace(),
                targets(message.getTargetsList()),
                owner(message.getSession(), message.getOwner()),
                message.getToken(),
                message.getTtl(),
                message.getDeadline(),
                message.getSince(),
                message.getLabel());
        state.locks.grant(lease);
        state.sessions.own(message.getSession(), lease.targets().size());
        if (lease.ttlMillis() != 0) {
            state.addDeadline(LockExecutor.deadlineOf(lease));
        }
    }

    private void waiting(V1Log.WaitingRequest message) {
        WaitingRequest waiting = new WaitingRequest(
                message.getArrival(),
                new LeaseId(message.getSession(), message.getSequence()),
                message.getNamespace(),
                targets(message.getTargetsList()),
                owner(message.getSession(), message.getOwner()),
                message.getTtl(),
                message.getSince(),
                message.getDeadline(),
                message.getLabel());
        state.locks.restore(waiting);
        state.sessions.own(message.getSession(), waiting.targets().size());
        state.addDeadline(LockExecutor.deadlineOf(waiting));
    }

    private static List<Target> targets(List<V1.Target> messages) {
        List<Target> targets = messages.stream().map(CommonCodec::decode).toList();
        if (targets.isEmpty() || (targets.size() > 1 && targets.stream().anyMatch(Target::isClaim))) {
            throw new IllegalArgumentException("a lease, or a request for one, has the targets " + targets);
        }
        return targets;
    }

    private void pool(V1Log.Pool message) {
        if (message.getSize() < 0 || message.getSize() > Target.SLOTS_MAX) {
            throw new IllegalArgumentException("a pool has " + message.getSize() + " slots");
        }
        state.locks
                .pools()
                .set(
                        new Pools.Place(message.getNamespace(), AbsolutePath.parse(message.getPath())),
                        message.getSize(),
                        message.getPrefix());
    }

    private static Owner owner(long session, V1Log.Owner message) {
        return new Owner(session, message.getLabel(), message.getSequence());
    }

    private void broken(V1Log.Deadline message) {
        state.breakDeadline(new Deadline(
                message.getAt(),
                Deadline.Kind.valueOf(message.getKind()),
                message.getSession(),
                message.getSequence(),
                message.getNamespace(),
                message.getPath().isEmpty() ? null : AbsolutePath.parse(message.getPath())));
    }
}
