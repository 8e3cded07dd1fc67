package io.whatnot.client.internal.wire;

import java.util.regex.Pattern;

/** What a node can be reached at. */
public final class Endpoints {
    /** A name or an address, or an address of version 6 in brackets, and a port. */
    private static final Pattern ENDPOINT = Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+]):([0-9]{1,5})");

    private static final int PORT_MAX = 65_535;

    private Endpoints() {}

    /** The same, if it is one.
     *
     * @throws IllegalArgumentException if not */
    public static String checked(String endpoint) {
        var matcher = ENDPOINT.matcher(endpoint);
        if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > PORT_MAX) {
            throw new IllegalArgumentException(
                    "\"" + endpoint + "\" is no endpoint; write host:port, and commas between");
        }
        return endpoint;
    }
}
