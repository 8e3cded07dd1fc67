package io.whatnot.core.state.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.Result;
import io.whatnot.core.state.map.OrderedMap;

/** Counts anew what a session counts as it goes. */
public final class KeptBytes {
    private KeptBytes() {}

    /** Requires that what a session says it takes is what it takes. */
    public static void check(Session session) {
        long answerBytes = 0;
        for (OrderedMap.Entry<Long, Result> answer : session.answers()) {
            answerBytes += ResultSize.of(answer.value());
        }
        long endBytes = 0;
        for (OrderedMap.Entry<Long, Session.End> end : session.ends()) {
            endBytes += ResultSize.of(end.value().result());
        }
        assertThat(session.answerBytes())
                .as("bytes of the answers of %s", session)
                .isEqualTo(answerBytes);
        assertThat(session.endBytes()).as("bytes of the ends of %s", session).isEqualTo(endBytes);
    }
}
