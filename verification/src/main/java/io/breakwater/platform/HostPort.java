package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** A network address, written {@code host:port}. */
public record HostPort(String host, int port) {

    public HostPort {
        if (host.isEmpty() || port < 1 || port > 65535) {
            throw new IllegalArgumentException(
                    "'" + host + ":" + port + "': expected host:port with a port of 1 to 65535");
        }
    }

    /** @throws IllegalArgumentException if the text is not {@code host:port} */
    @JsonCreator
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || !text.substring(colon + 1).matches("\\d{1,5}")) {
            throw new IllegalArgumentException("'" + text + "': expected host:port");
        }
        return new HostPort(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }

    @JsonValue
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
