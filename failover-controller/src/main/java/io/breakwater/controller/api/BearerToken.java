package io.breakwater.controller.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** The token that writes need. Never printed. */
public final class BearerToken {

    private static final String PREFIX = "Bearer ";
    private static final int MIN_CHARS = 16;

    private final byte[] token;

    /** @throws IllegalArgumentException if it is too short to be a secret */
    public BearerToken(String token) {
        if (token.strip().length() < MIN_CHARS) {
            throw new IllegalArgumentException("the API token has fewer than " + MIN_CHARS + " characters");
        }
        this.token = token.strip().getBytes(StandardCharsets.UTF_8);
    }

    /** Takes as long for a wrong token as for the right one. */
    boolean isIn(@Nullable String authorization) {
        return authorization != null
                && authorization.startsWith(PREFIX)
                && MessageDigest.isEqual(
                        token, authorization.substring(PREFIX.length()).strip().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "BearerToken";
    }
}
