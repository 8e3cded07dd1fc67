package io.whatnot.core.state;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.WatchEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What takes a revision and what does not, and the order of what happens within one. */
class RevisionsTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");

    @Test
    void eachChangeTakesOneRevision() {
        takes(1, () -> ann.register("/a/b/c"));
        takes(1, () -> ann.put("/a", "1"));
        takes(1, () -> ann.deleteAll("/a"));
        takes(1, () -> ann.in("m").createNamespace());
        takes(1, () -> ann.in("m").dropNamespace());
        takes(1, () -> ann.lock(element("/a"), element("/b")));
        takes(1, () -> ann.release(ann.last()));
        takes(1, () -> machine.open("cid"));
        takes(1, ann::close);
    }

    @Test
    void whatNobodySeesTakesNone() {
        ann.register("/a");
        LeaseId held = granted(ann.lockFor(50_000, element("/l")));
        takes(0, ann::heartbeat);
        takes(0, () -> ann.renew(held));
        takes(0, () -> bob.lock(element("/l")));
        takes(0, () -> bob.cancel(bob.last()));
        takes(0, () -> ann.register("/a"));
        takes(0, () -> machine.pass(10));
        takes(0, () -> machine.apply(machine.now()));
        takes(0, () -> machine.send(null));
    }

    @Test
    void noRefusalTakesARevision() {
        ann.lock(element("/l"));
        ann.register("/a/b");
        takes(0, () -> bob.put("/l", ""));
        takes(0, () -> bob.tryLock(element("/l")));
        takes(0, () -> ann.delete("/a"));
        takes(0, () -> ann.delete("/x"));
        takes(0, () -> ann.createNamespace());
        takes(0, () -> ann.release(new LeaseId(ann.session(), 2)));
        takes(0, () -> bob.dropNamespace());
    }

    @Test
    void eachDeadlineThatFiresTakesOneAlsoIfNobodySeesIt() {
        ann.lockFor(100, element("/a"));
        ann.lockFor(100, element("/b"));
        takes(2, () -> machine.pass(100));
        ann.lock(element("/a"));
        bob.lockWithin(100, element("/a"));
        takes(1, () -> machine.pass(100));
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void anExpiryAndTheGrantsItBringsAreOneRevision() {
        ann.lockFor(100, prefix("/a"));
        bob.lock(element("/a/x"));
        machine.open("cid").lock(element("/a/y"));
        takes(1, () -> machine.pass(100));
        assertThat(machine.revisions())
                .containsExactly(List.of("UNLOCKED /a/** by ann, EXPIRED", "LOCKED /a/x by bob", "LOCKED /a/y by cid"));
    }

    @Test
    void eachCommandOfAnEntryTakesItsOwn() {
        long before = machine.revision();
        machine.together(
                ann.request(new NamespaceCommand.Create("a")),
                ann.request(new NamespaceCommand.Create("a")),
                ann.request(new NamespaceCommand.Create("b")));
        assertThat(machine.revision()).isEqualTo(before + 2);
        assertThat(machine.state().elements().createRevision("b")).isEqualTo(before + 2);
    }

    @Test
    void theEventsOfARevisionAreNumberedFrom0() {
        ann.register("/a/b/c");
        assertThat(machine.last().events()).map(WatchEvent::index).containsExactly(0, 1, 2);
        assertThat(machine.last().events())
                .map(event -> event.revision().value())
                .containsOnly(machine.revision());
        ann.deleteAll("/a");
        assertThat(machine.last().events()).map(WatchEvent::index).containsExactly(0, 1, 2);
    }

    @Test
    void theRevisionIsThatOfTheLatestChange() {
        ann.put("/a", "");
        assertThat(machine.last().revision()).isEqualTo(machine.state().revision());
        machine.pass(10);
        assertThat(machine.last().revision()).isEqualTo(machine.state().revision());
    }

    @Test
    void endsComeFirstThenDeletionsDeepestFirstThenGrantsByArrival() {
        ann.lock(prefix("/l"));
        ann.putEphemeral("/x", "");
        ann.putEphemeral("/x-y/z", "");
        bob.lock(element("/l/2"));
        machine.open("cid").lock(element("/l/1"));
        ann.close();
        assertThat(machine.revisions())
                .containsExactly(List.of(
                        "UNLOCKED /l/** by ann, SESSION_ENDED",
                        "DELETED /x-y/z by ann, SESSION_ENDED",
                        "DELETED /x by ann, SESSION_ENDED",
                        "LOCKED /l/2 by bob",
                        "LOCKED /l/1 by cid"));
    }

    private void takes(int revisions, Runnable what) {
        long before = machine.revision();
        what.run();
        assertThat(machine.revision() - before).isEqualTo(revisions);
    }

    private static LeaseId granted(Result answer) {
        return Answers.granted(answer).id();
    }
}
