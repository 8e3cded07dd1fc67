package io.whatnot.core.wire;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a node can be reached at. */
public final class Endpoints {
    /** A name or an address, or an address of version 6 in brackets, and a port. */
    private static final Pattern ENDPOINT = Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+]):([0-9]{1,5})");

    private static final int PORT_MAX = 65_535;

    private Endpoints() {}

    /** Whether it is {@code host:port}, for everybody who has to make sense of it. */
    public static boolean isOne(String endpoint) {
        Matcher matcher = ENDPOINT.matcher(endpoint);
        if (!matcher.matches()) {
            return false;
        }
        int port = Integer.parseInt(matcher.group(2));
        if (port < 1 || port > PORT_MAX) {
            return false;
        }
        // gRPC reads it as the authority of a URI, whose rules for names are stricter: no underscore, no empty label.
        try {
            return new URI("//" + endpoint).getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** The same, if it is one.
     *
     * @throws IllegalArgumentException if not */
    public static String checked(String endpoint) {
        if (!isOne(endpoint)) {
            throw new IllegalArgumentException(
                    "\"" + endpoint + "\" is no endpoint; write host:port, and commas between");
        }
        return endpoint;
    }
}
