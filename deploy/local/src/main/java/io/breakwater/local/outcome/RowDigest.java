package io.breakwater.local.outcome;

import io.breakwater.local.flights.FlightEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What a multiset of rows comes down to, whatever their order: equal digests mean equal rows.
 *
 * @param rows how many
 * @param sum of 64 bits of each row's SHA-256, modulo 2^64
 * @param xor of another 64 bits of each
 */
public record RowDigest(long rows, long sum, long xor) {

    public static final RowDigest EMPTY = new RowDigest(0, 0, 0);

    public RowDigest with(FlightEvent event) {
        String row = String.join(
                "|",
                Long.toString(event.id()),
                Long.toString(event.sequence()),
                event.airport(),
                event.destination(),
                event.departed(),
                Integer.toString(event.delayMinutes()),
                Integer.toString(event.distanceMiles()),
                Long.toString(event.producedAt()));
        ByteBuffer hash = ByteBuffer.wrap(sha256(row.getBytes(StandardCharsets.UTF_8)));
        return new RowDigest(rows + 1, sum + hash.getLong(), xor ^ hash.getLong());
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
