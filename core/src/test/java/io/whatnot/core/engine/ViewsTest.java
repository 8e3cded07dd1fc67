package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.Entry;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.State;
import java.util.List;
import org.junit.jupiter.api.Test;

/** States that are held on to for listings. */
final class ViewsTest {
    private final NamespaceStateMachine machine = new NamespaceStateMachine();

    private State next() {
        Secret secret = new Secret(0, machine.state().revision() + 1);
        machine.apply(new Entry(
                1, List.of(new Request(0, 0, 0, List.of(), "", new SessionCommand.Open(secret, 10_000, "")))));
        return machine.state();
    }

    @Test
    void whatAnotherNodeHoldsUnderItsNameIsNeverTakenForWhatThisOneDoes() {
        Views here = new Views(new VirtualScheduler());
        for (int i = 0; i < Views.VIEWS_MAX; i++) {
            here.hold(next());
        }
        Views elsewhere = new Views(new VirtualScheduler());
        for (int i = 0; i < Views.VIEWS_MAX; i++) {
            assertThat(here.get(elsewhere.hold(next()))).isNull();
        }
    }

    @Test
    void eachHeldStateHasANameOfItsOwn() {
        Views views = new Views(new VirtualScheduler());
        State same = next();
        long one = views.hold(same);
        long two = views.hold(same);

        views.release(one);

        assertThat(views.get(one)).isNull();
        assertThat(views.get(two)).isSameAs(same);
    }
}
