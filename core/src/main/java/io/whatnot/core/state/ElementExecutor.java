package io.whatnot.core.state;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Value;
import io.whatnot.core.state.tree.Element;
import io.whatnot.core.state.tree.Elements;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Elements: how they are registered, written and deleted, past the locks of others, and when they end by themselves. */
final class ElementExecutor {
    private static final long EVENT_BYTES = 128;

    private ElementExecutor() {}

    static Result execute(Step step, Request request, ElementCommand command) {
        Refused recovering =
                Recovery.refuseChange(step.state, request, command.namespace(), command.lease(), changed(command));
        if (recovering != null) {
            return recovering;
        }
        if (command instanceof ElementCommand.Delete && !step.state.elements.hasNamespace(command.namespace())) {
            return NamespaceExecutor.noSuch(command.namespace());
        }
        Refused refused = NamespaceExecutor.refuseUse(step.state, command.namespace());
        if (refused != null) {
            return refused;
        }
        if (command instanceof ElementCommand.Put put) {
            return put(step, request, put);
        }
        if (command instanceof ElementCommand.Register register) {
            return register(step, request, register);
        }
        if (command instanceof ElementCommand.RegisterUnique unique) {
            return registerUnique(step, request, unique);
        }
        if (command instanceof ElementCommand.Delete delete) {
            return delete(step, request, delete);
        }
        throw new AssertionError(command);
    }

    /** What a command is about, as far as is known before it is carried out. */
    private static Target changed(ElementCommand command) {
        boolean below = command instanceof ElementCommand.RegisterUnique
                || (command instanceof ElementCommand.Delete delete && delete.recursive());
        return new Target(command.path(), below ? Scope.PREFIX : Scope.ELEMENT, Mode.EXCLUSIVE);
    }

    private static Result register(Step step, Request request, ElementCommand.Register register) {
        State state = step.state;
        String namespace = register.namespace();
        AbsolutePath path = register.path();
        List<AbsolutePath> missing = state.elements.missing(namespace, path);
        Refused refused = refuseWrite(state, request, register, path, missing);
        if (refused != null) {
            return refused;
        }
        NamespaceExecutor.createIfMissing(step, namespace);
        addAll(step, request, namespace, missing);
        return new Result.Done(new Revision(state.revision));
    }

    private static Result registerUnique(Step step, Request request, ElementCommand.RegisterUnique unique) {
        State state = step.state;
        String namespace = unique.namespace();
        AbsolutePath path = freeChild(step, unique);
        Refused refused = refuseValue(state, path, unique.value());
        List<AbsolutePath> missing = state.elements.missing(namespace, path);
        if (refused == null) {
            refused = refuseWrite(state, request, unique, path, missing);
        }
        if (refused != null) {
            return refused;
        }
        NamespaceExecutor.createIfMissing(step, namespace);
        Actor actor = SessionExecutor.require(state, request.session()).actor();
        missing.forEach(added -> add(step, actor, namespace, added, added.equals(path) ? unique.value() : Value.NONE));
        return new Result.Registered(new Revision(step.revision()), path);
    }

    /** The child's path. Only who guessed the revision can have made one of that name; then the next index is taken. */
    private static AbsolutePath freeChild(Step step, ElementCommand.RegisterUnique unique) {
        Revision next = new Revision(step.nextRevision());
        int index = 0;
        AbsolutePath child = unique.child(next, index);
        while (step.state.elements.get(unique.namespace(), child) != null) {
            child = unique.child(next, ++index);
        }
        return child;
    }

    private static Result put(Step step, Request request, ElementCommand.Put put) {
        State state = step.state;
        String namespace = put.namespace();
        AbsolutePath path = put.path();
        Refused tooLarge = refuseValue(state, path, put.value());
        if (tooLarge != null) {
            return tooLarge;
        }
        List<AbsolutePath> missing = state.elements.missing(namespace, path);
        Refused refused = refuseWrite(state, request, put, path, missing);
        if (refused == null) {
            refused = state.elements.refuseUnless(put.condition(), namespace, path);
        }
        if (refused == null) {
            refused = state.elements.refusePassing(namespace, path, put.ttlMillis() != 0 || put.ephemeral());
        }
        Element before = state.elements.get(namespace, path);
        if (refused == null && put.ephemeral()) {
            refused = refuseEphemeral(state, request.session(), before);
        }
        if (refused == null && before != null) {
            Element after = written(step, request, put, before, step.nextRevision());
            if (Elements.bytes(path, after) > Elements.bytes(path, before)) {
                refused = state.refuseGrowth();
            }
        }
        if (refused != null) {
            return refused;
        }

        NamespaceExecutor.createIfMissing(step, namespace);
        long revision = step.revision();
        Actor actor = SessionExecutor.require(state, request.session()).actor();
        missing.stream()
                .filter(parent -> !parent.equals(path))
                .forEach(parent -> add(step, actor, namespace, parent, Value.NONE));
        before = state.elements.get(namespace, path); // a new namespace's root came to be just now
        if (before != null) {
            forget(state, namespace, path, before);
        }
        Element element = written(step, request, put, before, revision);
        state.elements.put(namespace, path, element);
        remember(state, namespace, path, element);
        step.element(
                namespace, path, before == null ? Change.ADDED : Change.EDITED, Cause.REQUEST, actor, element, before);
        return new Result.Written(new Revision(revision), element.version());
    }

    /** What a put makes of what was there. */
    private static Element written(
            Step step, Request request, ElementCommand.Put put, @Nullable Element before, long revision) {
        return new Element(
                put.value(),
                before == null ? 1 : before.version() + 1,
                before == null ? revision : before.createRevision(),
                revision,
                SessionExecutor.require(step.state, request.session()).actor(),
                put.ttlMillis(),
                put.ttlMillis() == 0 ? 0 : step.now() + put.ttlMillis(),
                put.ephemeral() ? request.session() : 0);
    }

    private static Result delete(Step step, Request request, ElementCommand.Delete delete) {
        State state = step.state;
        String namespace = delete.namespace();
        AbsolutePath path = delete.path();
        Target target = new Target(path, delete.recursive() ? Scope.PREFIX : Scope.ELEMENT, Mode.EXCLUSIVE);
        Refused refused = LockExecutor.refuseMutation(state, request, namespace, delete.lease(), List.of(target));
        if (refused != null) {
            return refused;
        }
        if (state.elements.get(namespace, path) == null) {
            return new Refused(ErrorCode.NO_SUCH_ELEMENT, path + " is not registered in namespace " + namespace);
        }
        refused = state.elements.refuseUnless(delete.condition(), namespace, path);
        if (refused != null) {
            return refused;
        }
        int below = state.elements.countBelow(namespace, path);
        if (below > 0 && !delete.recursive()) {
            return new Refused(
                    ErrorCode.HAS_CHILDREN,
                    path + " has " + below + " elements below it; delete them first, or delete it recursively");
        }
        refused = refuseManyEvents(state, namespace, path);
        if (refused != null) {
            return refused;
        }
        Actor actor = SessionExecutor.require(state, request.session()).actor();
        int deleted = deleteAll(step, namespace, path, Cause.REQUEST, actor);
        return new Result.Deleted(new Revision(state.revision), deleted);
    }

    /** An element's ttl has run out, or its session has ended. */
    static void end(Step step, String namespace, AbsolutePath path, Cause cause) {
        Element element = step.state.elements.get(namespace, path);
        if (element == null) {
            throw new IllegalStateException(path + " in " + namespace + " is to end but is not registered");
        }
        deleteAll(step, namespace, path, cause, element.actor());
    }

    /** Deletes an element and all below, deepest first; tells how many. */
    static int deleteAll(Step step, String namespace, AbsolutePath path, Cause cause, Actor actor) {
        List<Elements.Placed> removed = step.state.elements.remove(namespace, path);
        for (Elements.Placed gone : removed) {
            forget(step.state, namespace, gone.path(), gone.element());
            step.element(namespace, gone.path(), Change.DELETED, cause, actor, gone.element(), gone.element());
        }
        return removed.size();
    }

    // ---- rules

    private static @Nullable Refused refuseWrite(
            State state, Request request, ElementCommand command, AbsolutePath path, List<AbsolutePath> missing) {
        String namespace = command.namespace();
        Refused refused = LockExecutor.refuseMutation(
                state, request, namespace, command.lease(), LockExecutor.elementTargets(path, missing));
        if (refused == null) {
            refused = state.elements.refuseBelowPassing(namespace, path);
        }
        int count = state.elements.count(namespace);
        if (refused == null && !missing.isEmpty() && count + missing.size() > state.settings.elementsMax()) {
            return new Refused(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "namespace " + namespace + " has " + count + " elements; with " + path
                            + " there would be more than " + state.settings.elementsMax() + " (setting elementsMax)");
        }
        if (refused == null && !missing.isEmpty()) {
            refused = state.refuseGrowth();
        }
        return refused;
    }

    private static @Nullable Refused refuseValue(State state, AbsolutePath path, Value value) {
        return value.size() <= state.settings.valueBytesMax()
                ? null
                : new Refused(
                        ErrorCode.RESOURCE_EXHAUSTED,
                        "the value for " + path + " has " + value.size() + " bytes, but may have at most "
                                + state.settings.valueBytesMax() + " (setting valueBytesMax)");
    }

    private static @Nullable Refused refuseEphemeral(State state, long session, @Nullable Element before) {
        boolean isMore = before == null || before.ephemeralSession() != session;
        int owned = SessionExecutor.require(state, session).owned();
        if (isMore && owned >= state.settings.ownedMax()) {
            return new Refused(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "session " + session + " owns " + owned + " locked, awaited and ephemeral things, as many as may");
        }
        return null;
    }

    /** Refuses to remove so much that its events could not be told in one revision. */
    static @Nullable Refused refuseManyEvents(State state, String namespace, AbsolutePath path) {
        return refuseManyEvents(state, namespace, path, 0, 0);
    }

    /** The same when so many events of so many bytes come besides. */
    static @Nullable Refused refuseManyEvents(
            State state, String namespace, AbsolutePath path, long otherEvents, long otherBytes) {
        long count = otherEvents + state.elements.countBelow(namespace, path) + (path.isRoot() ? 0 : 1);
        long bytes = otherBytes;
        if (count <= state.settings.eventsMax()) {
            Element itself = state.elements.get(namespace, path);
            if (itself != null && !path.isRoot()) {
                bytes += eventBytes(path, itself.value().size());
            }
            for (Iterator<Elements.Placed> it = state.elements.below(namespace, path, true, path); it.hasNext(); ) {
                Elements.Placed placed = it.next();
                bytes += eventBytes(placed.path(), placed.element().value().size());
            }
        }
        if (count <= state.settings.eventsMax() && bytes <= state.settings.eventBytesMax()) {
            return null;
        }
        return new Refused(
                ErrorCode.RESOURCE_EXHAUSTED,
                "deleting " + path + " with all below it, " + count + " events, would make more events than one"
                        + " command may: " + state.settings.eventsMax() + " or " + state.settings.eventBytesMax()
                        + " bytes; delete it in steps");
    }

    static long eventBytes(AbsolutePath path, int valueOrLabel) {
        return EVENT_BYTES + path.toString().length() + valueOrLabel;
    }

    // ---- changes

    private static void addAll(Step step, Request request, String namespace, List<AbsolutePath> missing) {
        Actor actor = SessionExecutor.require(step.state, request.session()).actor();
        missing.forEach(path -> add(step, actor, namespace, path, Value.NONE));
    }

    private static void add(Step step, Actor actor, String namespace, AbsolutePath path, Value value) {
        Element element = new Element(value, 1, step.revision(), step.revision(), actor, 0, 0, 0);
        step.state.elements.put(namespace, path, element);
        step.element(namespace, path, Change.ADDED, Cause.REQUEST, actor, element, null);
    }

    /** Notes what an element that ends by itself depends on. */
    static void remember(State state, String namespace, AbsolutePath path, Element element) {
        if (element.deadlineMillis() != 0) {
            state.addDeadline(Deadline.ofElement(element.deadlineMillis(), namespace, path));
        }
        if (element.ephemeralSession() != 0) {
            state.sessions.addEphemeral(element.ephemeralSession(), namespace, path);
        }
    }

    static void forget(State state, String namespace, AbsolutePath path, Element element) {
        if (element.deadlineMillis() != 0) {
            state.removeDeadline(Deadline.ofElement(element.deadlineMillis(), namespace, path));
        }
        if (element.ephemeralSession() != 0) {
            state.sessions.removeEphemeral(element.ephemeralSession(), namespace, path);
        }
    }
}
