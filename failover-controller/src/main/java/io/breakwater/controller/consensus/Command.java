package io.breakwater.controller.consensus;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.platform.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/**
 * What stands in the Raft log: JSON, and compressed by gzip where it is long, because an event about thousands of
 * partitions names each of them.
 *
 * @param id unique for a proposal; proposed again under the same id, it takes effect once
 * @param at the clock of the leader when it took the command in; what the proposer puts there is replaced
 */
record Command(String id, Instant at, ControlEvent event) {

    private static final int COMPRESSED_FROM = 16 * 1024;

    /** RFC 1952, 2.3.1; JSON never begins so. */
    private static final byte GZIP_FIRST = 0x1f;

    private static final byte GZIP_SECOND = (byte) 0x8b;

    static Command proposed(String id, ControlEvent event) {
        return new Command(id, Instant.EPOCH, event);
    }

    Command takenIn(Instant now) {
        return new Command(id, now, event);
    }

    ByteString toBytes() {
        return bytes(this);
    }

    static ByteString bytes(Object value) {
        try {
            byte[] json = Json.MAPPER.writeValueAsBytes(value);
            if (json.length < COMPRESSED_FROM) {
                return ByteString.copyFrom(json);
            }
            ByteString.Output out = ByteString.newOutput();
            try (GZIPOutputStream compressed = new GZIPOutputStream(out)) {
                compressed.write(json);
            }
            return out.toByteString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws IOException if the bytes are not a command that this release knows */
    static Command fromBytes(ByteString bytes) throws IOException {
        return read(bytes, Command.class);
    }

    /** @throws IOException if the bytes are not such a value */
    static <T> T read(ByteString bytes, Class<T> type) throws IOException {
        boolean compressed = bytes.size() > 1 && bytes.byteAt(0) == GZIP_FIRST && bytes.byteAt(1) == GZIP_SECOND;
        try (InputStream in = compressed ? new GZIPInputStream(bytes.newInput()) : bytes.newInput()) {
            return Json.MAPPER.readValue(in, type);
        }
    }
}
