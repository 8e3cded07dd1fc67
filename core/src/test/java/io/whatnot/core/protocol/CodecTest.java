package io.whatnot.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.testing.Seeds;
import io.whatnot.core.testing.Steps;
import io.whatnot.core.testing.Workload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class CodecTest {
    private static final int SEEDS = 300;

    /** The kinds that a sealed family permits, at whatever level. */
    private static <T> List<Class<? extends T>> kinds(Class<T> family) {
        List<Class<? extends T>> kinds = new ArrayList<>();
        if (family.isSealed()) {
            for (Class<?> permitted : family.getPermittedSubclasses()) {
                kinds.addAll(kinds(permitted.asSubclass(family)));
            }
        } else {
            kinds.add(family);
        }
        return kinds;
    }

    @Test
    void everyKindHasAGeneratorAndNoOther() {
        List<Class<?>> kinds = new ArrayList<>(List.of(WatchEvent.class));
        Stream.of(Command.class, Query.class, Result.class, Detail.class)
                .forEach(family -> kinds.addAll(kinds(family)));

        assertThat(new Generated(1).generators.keySet()).containsExactlyInAnyOrderElementsOf(kinds);
    }

    @Test
    void everyCommandComesBackAsItWas(TestInfo test) {
        Seeds.of(test).run(SEEDS, (seed, steps) -> {
            Generated generated = new Generated(seed);
            for (Class<? extends Command> kind : kinds(Command.class)) {
                Request request = generated.request(generated.one(kind));
                steps.add(request);
                assertThat(RequestCodec.decode(RequestCodec.encode(request))).isEqualTo(request);
            }
        });
    }

    @Test
    void everyQueryComesBackAsItWas(TestInfo test) {
        Seeds.of(test).run(SEEDS, (seed, steps) -> {
            Generated generated = new Generated(seed);
            for (Class<? extends Query> kind : kinds(Query.class)) {
                Query query = generated.one(kind);
                steps.add(query);
                assertThat(QueryCodec.decode(V1.Read.parseFrom(encode(query)))).isEqualTo(query);
            }
        });
    }

    @Test
    void everyResultComesBackAsItWas(TestInfo test) {
        Seeds.of(test).run(SEEDS, (seed, steps) -> {
            Generated generated = new Generated(seed);
            for (Result result : results(generated)) {
                steps.add(result);
                byte[] bytes = ResultCodec.encode(result).toByteArray();
                assertThat(ResultCodec.decode(V1.Result.parseFrom(bytes))).isEqualTo(result);
            }
        });
    }

    @Test
    void everyEventComesBackAsItWas(TestInfo test) {
        Seeds.of(test).run(SEEDS, (seed, steps) -> {
            WatchEvent event = new Generated(seed).one(WatchEvent.class);
            steps.add(event);
            byte[] bytes = EventCodec.encode(event, true).toByteArray();
            assertThat(decodeEvent(event.namespace(), event.revision(), bytes)).isEqualTo(event);
            assertThat(EventCodec.encode(event, false).hasPrevious()).isFalse();
        });
    }

    @Test
    void everyEntryComesBackAsItWasAndARequestThatCanNotBeReadIsNull(TestInfo test) {
        Seeds.of(test).run(SEEDS, (seed, steps) -> {
            Workload workload = new Workload(seed);
            for (int i = 0; i < 20; i++) {
                Entry entry = workload.next();
                steps.add(entry);
                List<ByteString> requests = entry.requests().stream()
                        .map(request -> request == null ? ByteString.EMPTY : RequestCodec.encode(request))
                        .toList();
                byte[] bytes = EntryCodec.encode(entry.timeMillis(), requests, entry.foundingLevel());
                assertThat(EntryCodec.decode(ByteString.copyFrom(bytes))).isEqualTo(entry);
            }
        });
    }

    @Test
    void whatIsCutShortAnywhereIsRefusedOrReadAndNothingWorse(TestInfo test) {
        Seeds.of(test).run(10, (seed, steps) -> {
            for (byte[] bytes : oneOfEachEncoded(new Generated(seed))) {
                for (int length = 0; length < bytes.length; length++) {
                    decodeAsAnything(Arrays.copyOf(bytes, length), steps);
                }
            }
        });
    }

    @Test
    void whatIsGarbledIsRefusedOrReadAndNothingWorse(TestInfo test) {
        Seeds.of(test).run(SEEDS, (seed, steps) -> {
            SplittableRandom random = new SplittableRandom(seed);
            for (byte[] bytes : oneOfEachEncoded(new Generated(seed))) {
                for (int i = 0; i < 4; i++) {
                    decodeAsAnything(garbled(random, bytes), steps);
                }
            }
        });
    }

    private static List<byte[]> oneOfEachEncoded(Generated generated) {
        List<byte[]> encoded = new ArrayList<>();
        kinds(Command.class)
                .forEach(kind -> encoded.add(RequestCodec.encode(generated.request(generated.one(kind)))
                        .toByteArray()));
        kinds(Query.class).forEach(kind -> encoded.add(encode(generated.one(kind))));
        results(generated)
                .forEach(result -> encoded.add(ResultCodec.encode(result).toByteArray()));
        encoded.add(EventCodec.encode(generated.one(WatchEvent.class), true).toByteArray());
        return encoded;
    }

    private static void decodeAsAnything(byte[] bytes, Steps steps) {
        steps.add(ByteString.copyFrom(bytes));
        requireRefusedOrRead(() -> RequestCodec.decode(ByteString.copyFrom(bytes)));
        requireRefusedOrRead(() -> EntryCodec.decode(ByteString.copyFrom(bytes)));
        requireRefusedOrRead(() -> QueryCodec.decode(V1.Read.parseFrom(bytes)));
        requireRefusedOrRead(() -> ResultCodec.decode(V1.Result.parseFrom(bytes)));
        requireRefusedOrRead(() -> decodeEvent("n", Revision.NONE, bytes));
    }

    /** Altered in some places, or nothing but noise. */
    private static byte[] garbled(SplittableRandom random, byte[] bytes) {
        byte[] garbled = bytes.clone();
        boolean noise = random.nextInt(4) == 0;
        for (int i = 0; i < garbled.length; i++) {
            if (noise || random.nextInt(garbled.length) < 2) {
                garbled[i] = (byte) random.nextInt(256);
            }
        }
        return garbled;
    }

    private static void requireRefusedOrRead(ThrowingCallable decode) {
        Throwable thrown = catchThrowable(decode);
        if (thrown != null) {
            assertThat(thrown).isInstanceOfAny(InvalidProtocolBufferException.class, IllegalArgumentException.class);
        }
    }

    @Test
    void errorCodesAreNumberedFromOneWithoutGapsAndNamedAlikeOnTheWire() {
        assertThat(Arrays.stream(ErrorCode.values()).map(ErrorCode::number))
                .containsExactlyElementsOf(Stream.iterate(1, n -> n + 1)
                        .limit(ErrorCode.values().length)
                        .toList());
        for (ErrorCode code : ErrorCode.values()) {
            V1.ErrorCode onTheWire = V1.ErrorCode.forNumber(code.number());
            assertThat(onTheWire).as("%s", code).isNotNull();
            assertThat(onTheWire.name()).isEqualTo(code.name());
        }
        // Besides, the wire has only UNSPECIFIED, and what the generated code adds for unknown numbers.
        assertThat(V1.ErrorCode.values()).hasSize(ErrorCode.values().length + 2);
    }

    @Test
    void anErrorCodeOfALaterVersionIsTakenAsInternal() {
        V1.Refused refused = V1.Refused.newBuilder().setCodeValue(4_711).build();

        assertThat(ResultCodec.decode(refused).code()).isEqualTo(ErrorCode.INTERNAL);
    }

    @Test
    void aTransactionAndItsAnswerHaveTheseBytesForEver() throws Exception {
        AbsolutePath a = AbsolutePath.parse("/a");
        Request request = new Request(
                1,
                7,
                7,
                List.of(),
                "",
                new Transaction(
                        "n",
                        List.of(
                                new Transaction.Compare.VersionIs(a, 3),
                                new Transaction.Compare.Held(new LeaseId(5, 6))),
                        List.of(
                                new Transaction.Operation.Change(
                                        new ElementCommand.Put("n", a, Value.of("1"), 0, false, Condition.NONE, 0)),
                                new Transaction.Operation.Change(new ElementCommand.Delete(
                                        "n", AbsolutePath.parse("/b"), true, Condition.NONE, 0))),
                        List.of(new Transaction.Operation.Get(a))));
        String bytes =
                "0801100718079202420a016e12060a022f61180312063204080510061a191a1712022f611a0f0a0131120a746578742f706c61696e32001a0a220812022f621801220022060a0412022f61";
        assertThat(HexFormat.of().formatHex(RequestCodec.encode(request).toByteArray()))
                .isEqualTo(bytes);
        assertThat(RequestCodec.decode(ByteString.copyFrom(HexFormat.of().parseHex(bytes))))
                .isEqualTo(request);

        Result answer = new Result.Transacted(
                new Revision(9),
                true,
                List.of(new Result.Written(new Revision(9), 2), new Result.Found(new Revision(9), Optional.empty())));
        assertThat(HexFormat.of().formatHex(ResultCodec.encode(answer).toByteArray()))
                .isEqualTo("f20112080910011a061a04080910021a0452020809");
    }

    @Test
    void anOperationOfATransactionThatNamesANamespaceIsRefused() {
        V1.Request request = V1.Request.newBuilder()
                .setSession(1)
                .setSequence(1)
                .setTransact(V1.Transact.newBuilder()
                        .setNamespace("n")
                        .addThen(V1.Operation.newBuilder()
                                .setGet(V1.Get.newBuilder().setNamespace("n").setPath("/a"))))
                .build();
        assertThatThrownBy(() -> RequestCodec.decode(request.toByteString()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("names a namespace, \"n\": leave it empty");
    }

    @Test
    void aCompareOrAnOperationThatSaysNothingIsRefused() {
        for (V1.Transact.Builder empty : List.of(
                V1.Transact.newBuilder().addCompares(V1.Compare.newBuilder().setPath("/a")),
                V1.Transact.newBuilder().addThen(V1.Operation.getDefaultInstance()),
                V1.Transact.newBuilder()
                        .addCompares(V1.Compare.newBuilder()
                                .setPath("/a")
                                .setHeld(V1.LeaseName.newBuilder().setSession(1).setSequence(1))))) {
            V1.Request request = V1.Request.newBuilder()
                    .setSession(1)
                    .setSequence(1)
                    .setTransact(empty.setNamespace("n"))
                    .build();
            assertThatThrownBy(() -> RequestCodec.decode(request.toByteString()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    // ---- helpers

    /** One of every kind, and a refusal with every kind of detail. */
    private static List<Result> results(Generated generated) {
        List<Result> results = new ArrayList<>();
        kinds(Result.class).forEach(kind -> results.add(generated.one(kind)));
        kinds(Detail.class).forEach(kind -> results.add(new Result.Refused(ErrorCode.LOCKED, "", generated.one(kind))));
        return results;
    }

    private static byte[] encode(Query query) {
        V1.Read.Builder read = V1.Read.newBuilder();
        QueryCodec.put(read, query);
        return read.build().toByteArray();
    }

    private static WatchEvent decodeEvent(String namespace, Revision revision, byte[] bytes)
            throws InvalidProtocolBufferException {
        return EventCodec.decode(namespace, revision, V1.Event.parseFrom(bytes));
    }
}
