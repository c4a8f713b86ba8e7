package io.breakwater.region.fork;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit;
import io.breakwater.region.DeltaCommit.Marker;
import io.breakwater.region.DeltaCommit.Protocol;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.PutOutcome;
import io.breakwater.region.OwnCommit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The commit that ends the table of a region that was left. It changes no row and nothing for readers; it raises the
 * table's protocol by a writer feature that no writer knows, so that a correct writer refuses the table from then on:
 * one that begins reads the protocol, one that is about to commit loses its version to the fence and meets the protocol
 * when it looks what it lost to.
 *
 * <p>Invariant: of fence, lift and a writer's commit exactly one gets a version, by conditional put; a fence is lifted
 * only by a later epoch than its own.
 *
 * @param epoch of the operation that fences or lifts
 * @param operation its id
 */
public record FenceCommit(Epoch epoch, String operation) {

    /** How often a writer may be faster before the next run of the step goes on. */
    private static final int TRIES = 200;

    /** Below our marker in a fence's {@code commitInfo}: the protocol that lifting it restores. */
    private static final String BEFORE = "protocolBefore";

    /** What came of it. */
    public sealed interface Outcome {

        /**
         * The newest version is as it was asked for.
         *
         * @param version of the fence; when it was lifted, of the table
         * @param written whether this call wrote a commit
         */
        record Done(long version, boolean written) implements Outcome {}

        /** There is no table. */
        record NoTable() implements Outcome {}

        /** Nothing was written. */
        record Refused(String reason) implements Outcome {}
    }

    /** What stands at the end of a log. */
    private record End(long version, String text, DeltaCommit commit) {

        Optional<Marker> fence() {
            return commit.marker().filter(Marker::isFence);
        }
    }

    /** Whether the newest version of a table is a fence. */
    public static boolean isFenced(DeltaLogFiles log) {
        OptionalLong newest = log.newestVersion();
        return newest.isPresent() && isFence(log.commit(newest.getAsLong()).orElse(new byte[0]));
    }

    /** Whether a commit is a fence. */
    public static boolean isFence(byte[] commit) {
        return DeltaCommit.parse(commit) instanceof CommitContent.Actions actions
                && actions.commit().marker().filter(Marker::isFence).isPresent();
    }

    /**
     * Fences the table, if its newest version is not the fence of this epoch already.
     *
     * @throws io.breakwater.region.ObjectStoreException if the store fails
     */
    public Outcome fence(ObjectStore store, DeltaLogFiles log, Instant now) {
        return write(store, log, end -> {
            Optional<Marker> there = end.fence();
            if (there.isPresent() && there.get().epoch().compareTo(epoch) >= 0) {
                return there.get().epoch().equals(epoch)
                        ? new Plan.Keep()
                        : new Plan.Refuse("the fence of epoch " + there.get().epoch() + " stands at version "
                                + end.version() + ", epoch " + epoch + " is over");
            }
            Protocol before =
                    there.isPresent() ? before(end.text()) : TableProtocol.at(store, log.table(), end.version());
            ObjectNode info =
                    OwnCommit.info(end.commit(), now, "BREAKWATER FENCE", new Marker(Marker.FENCE, epoch, operation));
            info.withObject("/" + DeltaCommit.MARKER).set(BEFORE, TableProtocol.toJson(before));
            return new Plan.Put(commit(info, TableProtocol.fenced(before)));
        });
    }

    /**
     * Lifts the fence of an older epoch, if the newest version is one.
     *
     * @throws io.breakwater.region.ObjectStoreException if the store fails
     */
    public Outcome lift(ObjectStore store, DeltaLogFiles log, Instant now) {
        return write(store, log, end -> {
            Optional<Marker> there = end.fence();
            if (there.isEmpty()) {
                return new Plan.Keep();
            }
            if (there.get().epoch().compareTo(epoch) >= 0) {
                return new Plan.Refuse("version " + end.version() + " is the fence of epoch "
                        + there.get().epoch() + ", which epoch " + epoch + " may not lift");
            }
            ObjectNode info = OwnCommit.info(
                    end.commit(), now, "BREAKWATER FENCE LIFTED", new Marker(Marker.LIFT, epoch, operation));
            return new Plan.Put(commit(info, before(end.text())));
        });
    }

    private sealed interface Plan {
        record Keep() implements Plan {}

        record Put(String text) implements Plan {}

        record Refuse(String reason) implements Plan {}
    }

    private interface Planner {
        Plan after(End end);
    }

    private static Outcome write(ObjectStore store, DeltaLogFiles log, Planner planner) {
        for (int attempt = 0; attempt < TRIES; attempt++) {
            OptionalLong newest = log.newestVersion();
            if (newest.isEmpty()) {
                return new Outcome.NoTable();
            }
            long version = newest.getAsLong();
            if (!log.commitsAfter(version).isEmpty()) {
                // A writer that was faster, or a gap.
                if (log.commit(version + 1).isPresent()) {
                    continue;
                }
                return new Outcome.Refused(log.table() + ": its log has a gap after version " + version
                        + "; repair it, or move away what is behind the gap");
            }
            byte[] bytes = log.commit(version).orElse(new byte[0]);
            if (DeltaCommit.parse(bytes) instanceof CommitContent.Refused refused) {
                return new Outcome.Refused(log.commitFile(version) + ": " + refused.detail());
            }
            CommitContent.Actions actions = (CommitContent.Actions) DeltaCommit.parse(bytes);
            Plan plan = planner.after(new End(version, new String(bytes, StandardCharsets.UTF_8), actions.commit()));
            if (plan instanceof Plan.Keep) {
                return new Outcome.Done(version, false);
            }
            if (plan instanceof Plan.Refuse refuse) {
                return new Outcome.Refused(refuse.reason());
            }
            byte[] next = ((Plan.Put) plan).text().getBytes(StandardCharsets.UTF_8);
            if (store.putIfAbsent(log.commitFile(version + 1), next) == PutOutcome.CREATED) {
                return new Outcome.Done(version + 1, true);
            }
        }
        return new Outcome.Refused(log.table() + ": writers were faster " + TRIES + " times");
    }

    private static String commit(ObjectNode info, Protocol protocol) {
        return OwnCommit.line("commitInfo", info) + OwnCommit.line("protocol", TableProtocol.toJson(protocol));
    }

    /** The protocol that was in force before a fence, by what the fence says. */
    private static Protocol before(String fence) {
        String first = fence.lines().findFirst().orElse("");
        try {
            JsonNode before = Json.MAPPER
                    .readTree(first)
                    .path("commitInfo")
                    .path(DeltaCommit.MARKER)
                    .path(BEFORE);
            if (before.isObject()) {
                return TableProtocol.fromJson(before);
            }
        } catch (IOException e) {
            throw new IllegalStateException("a fence that was parsed before is no JSON", e);
        }
        throw new IllegalStateException("a fence does not say which protocol was in force before it: " + first);
    }
}
