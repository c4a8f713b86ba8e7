package io.breakwater.controller.consensus;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.platform.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/**
 * What stands in the Raft log.
 *
 * @param id unique for a proposal; proposed again under the same id, it takes effect once
 * @param at the clock of the leader when it took the command in; what the proposer puts there is replaced
 */
record Command(String id, Instant at, ControlEvent event) {

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
            return ByteString.copyFrom(Json.MAPPER.writeValueAsBytes(value));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws IOException if the bytes are not a command that this release knows */
    static Command fromBytes(ByteString bytes) throws IOException {
        return Json.MAPPER.readValue(bytes.toByteArray(), Command.class);
    }
}
