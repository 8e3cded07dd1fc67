package io.whatnot.core.engine;

import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.Applied;
import java.util.List;

/** Something on its way to a client by its control stream. What it costs to make a message of it is paid when it is sent. */
sealed interface Reply {
    /** About as many as an answer without a listing takes. */
    int ANSWER_BYTES = 100;

    /** About how many bytes it takes. */
    default int bytes() {
        return ANSWER_BYTES;
    }

    /** What a call is answered with. */
    record OfAnswer(long call, Answer answer) implements Reply {
        V1.Answer encode() {
            return V1.Answer.newBuilder()
                    .setId(call)
                    .setResult(ResultCodec.encode(answer.result()))
                    .setTime(answer.timeMillis())
                    .setNotProposed(answer.notProposed())
                    .build();
        }

        /** The same as a message, whose bytes are known: for answers that may be large. */
        Encoded encoded() {
            return new Encoded(encode());
        }
    }

    /** An answer that is a message already. */
    record Encoded(V1.Answer answer) implements Reply {
        @Override
        public int bytes() {
            return answer.getSerializedSize();
        }
    }

    /** What has become of a request that waited. */
    record OfPush(Applied.Push push) implements Reply {
        V1.Push encode() {
            return V1.Push.newBuilder()
                    .setSession(push.id().session())
                    .setSequence(push.id().sequence())
                    .setResult(ResultCodec.encode(push.result()))
                    .build();
        }
    }

    /** Where the leader is, and the members. */
    record OfLeader(V1.Leader leader) implements Reply {}

    /** The frame of them, in their order, with the revision that the node has applied. */
    static V1.ControlReply frame(long revision, List<Reply> replies) {
        V1.ControlReply.Builder frame = V1.ControlReply.newBuilder().setRevision(revision);
        for (Reply reply : replies) {
            if (reply instanceof OfAnswer answer) {
                frame.addAnswers(answer.encode());
            } else if (reply instanceof Encoded encoded) {
                frame.addAnswers(encoded.answer);
            } else if (reply instanceof OfPush push) {
                frame.addPushes(push.encode());
            } else if (reply instanceof OfLeader news) {
                frame.setLeader(news.leader);
            } else {
                throw new AssertionError(reply);
            }
        }
        return frame.build();
    }
}
