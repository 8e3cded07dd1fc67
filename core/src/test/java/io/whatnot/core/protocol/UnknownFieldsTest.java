package io.whatnot.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Token;
import io.whatnot.core.model.UnsupportedException;
import io.whatnot.core.protocol.log.V1Log;
import io.whatnot.core.protocol.v1.V1;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a newer version puts into requests must not be ignored by an older one: it would do something else. */
class UnknownFieldsTest {
    private static final UnknownFieldSet UNKNOWN = UnknownFieldSet.newBuilder()
            .addField(4_711, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();

    @Test
    void aFieldThatIsNotKnownIsNotIgnoredWhereverInARequestItIs() throws Exception {
        Generated generated = new Generated(1);
        Set<String> tried = new TreeSet<>();
        for (Class<?> kind : generated.generators.keySet()) {
            if (Command.class.isAssignableFrom(kind)) {
                Command command = generated.one(kind.asSubclass(Command.class));
                V1.Request request = V1.Request.parseFrom(RequestCodec.encode(generated.request(full(command))));
                for (Message altered : withUnknownFieldSomewhere(request, tried)) {
                    assertThat(catchThrowable(() -> RequestCodec.decode(altered.toByteString())))
                            .as("%s", altered)
                            .isInstanceOf(UnsupportedException.class)
                            .hasMessageContaining("4711");
                }
            }
        }
        assertThat(tried)
                .as("all messages that a request can have in it")
                .isEqualTo(messagesWithin(V1.Request.getDescriptor(), new TreeSet<>()));
    }

    /** The same, with something in each of its parts. */
    private static Command full(Command command) {
        LeaseCommand.Acquire acquire = new LeaseCommand.Acquire("n", List.of(Target.element("/a")), 0, 0, "");
        if (command instanceof SessionCommand.Reclaim reclaim) {
            return new SessionCommand.Reclaim(
                    reclaim.secret(),
                    reclaim.session(),
                    reclaim.epoch(),
                    reclaim.ttlMillis(),
                    reclaim.name(),
                    reclaim.mark(),
                    List.of(new SessionCommand.Held(1, "", acquire, new Token(1))),
                    reclaim.outstanding(),
                    reclaim.more());
        }
        return command instanceof LeaseCommand.Acquire ? acquire : command;
    }

    /** Copies of the message, each with an unknown field in another one of it and the messages in it. */
    private static List<Message> withUnknownFieldSomewhere(Message message, Set<String> tried) {
        tried.add(message.getDescriptorForType().getFullName());
        List<Message> altered = new ArrayList<>();
        altered.add(message.toBuilder().setUnknownFields(UNKNOWN).build());
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
                continue;
            }
            if (field.isRepeated()) {
                for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                    for (Message within :
                            withUnknownFieldSomewhere((Message) message.getRepeatedField(field, i), tried)) {
                        altered.add(message.toBuilder()
                                .setRepeatedField(field, i, within)
                                .build());
                    }
                }
            } else if (field.getContainingOneof() == null || message.hasField(field)) {
                for (Message within : withUnknownFieldSomewhere((Message) message.getField(field), tried)) {
                    altered.add(message.toBuilder().setField(field, within).build());
                }
            }
        }
        return altered;
    }

    private static Set<String> messagesWithin(Descriptor type, Set<String> found) {
        if (found.add(type.getFullName())) {
            for (FieldDescriptor field : type.getFields()) {
                if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                    messagesWithin(field.getMessageType(), found);
                }
            }
        }
        return found;
    }

    @Test
    void aCommandAScopeOrAModeThatIsNotKnownIsUnsupportedAndNotJustWrong() {
        for (V1.Target.Builder target : List.of(
                V1.Target.newBuilder().setScopeValue(9), V1.Target.newBuilder().setModeValue(9))) {
            ByteString request = V1.Request.newBuilder()
                    .setSession(1)
                    .setSequence(1)
                    .setAcquire(V1.Acquire.newBuilder().setNamespace("n").addTargets(target.setPath("/a")))
                    .build()
                    .toByteString();
            assertThatThrownBy(() -> RequestCodec.decode(request)).isInstanceOf(UnsupportedException.class);
        }
        ByteString unknown = V1.Request.newBuilder()
                .setSession(1)
                .setSequence(1)
                .setUnknownFields(UNKNOWN)
                .build()
                .toByteString();
        assertThatThrownBy(() -> RequestCodec.decode(unknown)).isInstanceOf(UnsupportedException.class);
    }

    @Test
    void anEntryWithSomethingInItThatIsNotKnownIsNotRead() {
        ByteString known = RequestCodec.encode(new Request(1, 0, 0, List.of(), "", new SessionCommand.Heartbeat()));
        ByteString unknown = known.concat(
                V1.Request.newBuilder().setUnknownFields(UNKNOWN).build().toByteString());
        ByteString entry = ByteString.copyFrom(EntryCodec.encode(5, List.of(known, unknown)));
        assertThatThrownBy(() -> EntryCodec.decode(entry)).isInstanceOf(UnsupportedException.class);

        ByteString newer =
                V1Log.Entry.newBuilder().setUnknownFields(UNKNOWN).build().toByteString();
        assertThatThrownBy(() -> EntryCodec.decode(newer))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("an entry of the log has a field");
    }

    @Test
    void theLevelThatAClusterIsFoundedAtComesBackAsItWas() throws Exception {
        ByteString entry = ByteString.copyFrom(EntryCodec.encode(5, List.of(), 7));
        assertThat(EntryCodec.decode(entry).foundingLevel()).isEqualTo(7);
    }
}
