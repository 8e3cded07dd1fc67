package io.whatnot.core.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.whatnot.core.engine.EngineTargets;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.PathException;
import io.whatnot.core.model.RelativePath;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.SubPath;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.protocol.CommonCodec;
import io.whatnot.core.protocol.EntryCodec;
import io.whatnot.core.protocol.EventCodec;
import io.whatnot.core.protocol.QueryCodec;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.ImageReader;
import io.whatnot.core.state.ImageWriter;
import io.whatnot.core.state.State;
import io.whatnot.core.state.UnsupportedLevelException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** What this module decodes: paths, messages, images, and the frames of streams. */
public final class CoreTargets implements FuzzTargets {
    @Override
    public Map<String, FuzzTarget> targets() {
        Map<String, FuzzTarget> targets = new TreeMap<>();
        targets.put("absolute-path", input -> texts(input, CoreTargets::absolutePath));
        targets.put("relative-path", input -> texts(input, CoreTargets::relativePath));
        targets.put("sub-path", input -> texts(input, CoreTargets::subPath));
        targets.put("request", decoder(RequestCodec::decode, RequestCodec::encode));
        targets.put("query", decoder(bytes -> QueryCodec.decode(V1.Read.parseFrom(bytes)), query -> {
            V1.Read.Builder read = V1.Read.newBuilder();
            QueryCodec.put(read, query);
            return read.build().toByteString();
        }));
        targets.put(
                "result",
                decoder(
                        bytes -> ResultCodec.decode(V1.Result.parseFrom(bytes)),
                        result -> ResultCodec.encode(result).toByteString()));
        targets.put(
                "event",
                decoder(
                        CoreTargets::event,
                        event -> EventCodec.encode(event, true).toByteString()));
        targets.put(
                "element",
                decoder(
                        bytes -> CommonCodec.decode(V1.Element.parseFrom(bytes)),
                        element -> CommonCodec.encode(element).toByteString()));
        targets.put("entry", decoder(EntryCodec::decode, CoreTargets::encode));
        targets.put("image", CoreTargets::image);
        targets.put("control-stream", EngineTargets::control);
        targets.put("watch-stream", EngineTargets::watch);
        return targets;
    }

    // ---- messages

    private interface Decode<T> {
        T decode(ByteString bytes) throws InvalidProtocolBufferException;
    }

    private interface Encode<T> {
        ByteString encode(T value);
    }

    /** Refuses by the one or the other exception, or else makes a value that comes back as it was. */
    private static <T> FuzzTarget decoder(Decode<T> decode, Encode<T> encode) {
        return input -> {
            T value;
            try {
                value = decode.decode(ByteString.copyFrom(input));
            } catch (IllegalArgumentException | InvalidProtocolBufferException refused) {
                requireNonBlank(refused);
                return;
            }
            T again = decode.decode(encode.encode(value));
            require(again.equals(value), "came back as " + again, value);
            require(
                    again.hashCode() == value.hashCode() && again.toString().equals(value.toString()),
                    "differs",
                    value);
        };
    }

    private static WatchEvent event(ByteString bytes) throws InvalidProtocolBufferException {
        return EventCodec.decode("n", new Revision(7), V1.Event.parseFrom(bytes));
    }

    private static ByteString encode(Entry entry) {
        return ByteString.copyFrom(EntryCodec.encode(
                entry.timeMillis(),
                entry.requests().stream()
                        .map(request -> request == null ? ByteString.EMPTY : RequestCodec.encode(request))
                        .toList(),
                entry.foundingLevel()));
    }

    // ---- paths

    private interface TakesText {
        void take(String text);
    }

    /** The bytes as text in two ways, of which the second also gives halves of pairs. */
    private static void texts(byte[] input, TakesText target) {
        for (String text : new String[] {
            new String(input, StandardCharsets.UTF_8),
            ByteBuffer.wrap(Arrays.copyOf(input, input.length + input.length % 2))
                    .asCharBuffer()
                    .toString()
        }) {
            try {
                target.take(text);
            } catch (PathException refused) {
                requireNonBlank(refused);
                require(
                        refused.position() >= 0
                                && refused.position() <= refused.path().length(),
                        "points nowhere",
                        text);
            }
        }
    }

    private static void absolutePath(String text) {
        AbsolutePath path = AbsolutePath.parse(text);
        requireWithinBounds(text, path.depth());
        require(
                path.toString().equals(text)
                        && AbsolutePath.parse(path.toString()).equals(path),
                "changed",
                text);
        AbsolutePath above = path.parent().orElse(AbsolutePath.ROOT);
        require(path.startsWith(above) && above.compareTo(path) <= 0, "is not below its parent", text);
        require(above.resolve(above.relativize(path)).equals(path), "is not where the way to it leads", text);
        require(path.isRoot() || above.resolve(SubPath.of(path.name())).equals(path), "has another name", text);
    }

    private static void relativePath(String text) {
        RelativePath path = RelativePath.parse(text);
        requireWithinBounds(text, path.depth());
        require(
                path.toString().equals(text)
                        && RelativePath.parse(path.toString()).equals(path),
                "changed",
                text);
        require(
                RelativePath.SELF.resolve(path).equals(path)
                        && path.resolve(RelativePath.SELF).equals(path),
                "moved",
                text);
        AbsolutePath whole = AbsolutePath.ROOT.resolve(path);
        require(AbsolutePath.ROOT.relativize(whole).equals(path), "is another way from the root", text);
    }

    private static void subPath(String text) {
        SubPath path = SubPath.of(text);
        require(text.getBytes(StandardCharsets.UTF_8).length <= SubPath.BYTES_MAX, "is too long", text);
        require(AbsolutePath.ROOT.resolve(path).name().equals(text), "changed", text);
    }

    private static void requireWithinBounds(String text, int depth) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        require(bytes.length <= AbsolutePath.BYTES_MAX && depth <= AbsolutePath.DEPTH_MAX, "is too long", text);
        require(new String(bytes, StandardCharsets.UTF_8).equals(text), "is no valid text", text);
    }

    // ---- images

    /** The image is given without its checksum, or altered bytes would get nowhere. */
    private static void image(byte[] input) throws IOException {
        CRC32C checksum = new CRC32C();
        checksum.update(input);
        State state;
        try {
            state = read(input, (int) checksum.getValue());
        } catch (IOException | UnsupportedLevelException refused) {
            requireNonBlank(refused);
            return;
        }
        byte[] image = write(state);
        byte[] again = write(ImageReader.read(new ByteArrayInputStream(image)));
        require(Arrays.equals(image, again), "came back otherwise", "an image of " + input.length + " bytes");
    }

    private static State read(byte[] image, int checksum) throws IOException {
        byte[] whole = Arrays.copyOf(image, image.length + Integer.BYTES);
        ByteBuffer.wrap(whole).putInt(image.length, checksum);
        return ImageReader.read(new ByteArrayInputStream(whole));
    }

    private static byte[] write(State state) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageWriter.write(state, out);
        return out.toByteArray();
    }

    // ---- what is required

    private static void requireNonBlank(Exception refused) {
        require(!Objects.requireNonNullElse(refused.getMessage(), "").isBlank(), "says nothing", refused);
    }

    private static void require(boolean holds, String otherwise, Object what) {
        if (!holds) {
            throw new AssertionError(what + " " + otherwise);
        }
    }
}
