package io.whatnot.core.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.UnsupportedException;
import io.whatnot.core.protocol.log.V1Log;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Log entries: a time, and requests in the bytes they came in. */
public final class EntryCodec {
    private static final Logger LOG = LoggerFactory.getLogger(EntryCodec.class);

    private EntryCodec() {}

    /** The bytes of an entry of these encoded requests. */
    public static byte[] encode(long timeMillis, List<ByteString> requests) {
        return encode(timeMillis, requests, 0);
    }

    /** The same of one that may found the cluster at a feature level; 0 for one that does not. */
    public static byte[] encode(long timeMillis, List<ByteString> requests, int foundingLevel) {
        return V1Log.Entry.newBuilder()
                .setTime(timeMillis)
                .addAllRequests(requests)
                .setFoundingLevel(foundingLevel)
                .build()
                .toByteArray();
    }

    /**
     * The entry in these bytes. Whatever enters the log was decoded before, so a request that can't be read is a bug, and
     * the others of its entry are not to suffer from it. What a newer version has put in is another matter: whoever can't
     * read all of it must not guess.
     *
     * @throws InvalidProtocolBufferException if they are no entry
     * @throws UnsupportedException if something in it is not known to this version
     * @throws IllegalArgumentException if it breaks a rule of the model
     */
    public static Entry decode(ByteString bytes) throws InvalidProtocolBufferException {
        V1Log.Entry message = V1Log.Entry.parseFrom(bytes);
        KnownFields.require(message, "an entry of the log");
        List<@Nullable Request> requests = new ArrayList<>(message.getRequestsCount());
        for (ByteString request : message.getRequestsList()) {
            requests.add(decodeOrNull(request));
        }
        return new Entry(message.getTime(), requests, message.getFoundingLevel());
    }

    private static @Nullable Request decodeOrNull(ByteString bytes) {
        try {
            return RequestCodec.decode(bytes);
        } catch (UnsupportedException e) {
            throw e;
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            LOG.error("a request in the log can't be read; it is answered INTERNAL", e);
            return null;
        }
    }
}
