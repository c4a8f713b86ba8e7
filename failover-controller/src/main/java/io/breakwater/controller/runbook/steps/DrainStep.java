package io.breakwater.controller.runbook.steps;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.DerivedTopics;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Segment;
import io.breakwater.region.GroupTopics;
import io.breakwater.region.MirroredThrough;
import io.breakwater.region.MirroredThrough.Through;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.RegionClients;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/**
 * Of a planned operation: waits until all that the region which is left has accepted is on the other one. Needs the
 * lease lapsed and the tables fenced, so that nothing is accepted any more; transactions that its writers left open are
 * ended.
 *
 * <p>Invariant: when it is done, no visible record of the group's topics and no version of its tables is on the source
 * alone, but for derived topics beyond the newest snapshot of their job, which the restored job writes again.
 */
public final class DrainStep implements RunbookStep {

    private static final Duration ABORT_LIMIT = Duration.ofSeconds(20);
    private static final long AGAIN_MILLIS = 100;

    private final RegionClients clients;

    public DrainStep(RegionClients clients) {
        this.clients = clients;
    }

    @Override
    public String id() {
        return "drain";
    }

    @Override
    public String preview(Preview preview) {
        return "waits until all that " + preview.flow().from() + " accepted is in "
                + preview.flow().to() + ", and ends transactions that were left open there";
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        String from = context.flow().from();
        Optional<GroupState> group = context.state().group(context.group());
        if (group.filter(g -> g.lease().lapsed()).isEmpty()) {
            return new StepOutcome.Failed("the lease of " + from + " has not lapsed: it would go on accepting records");
        }
        Admin source = clients.admin(from);
        try {
            SortedSet<PartitionKey> partitions = new TreeSet<>(
                    new GroupTopics(context.platform().group(context.group())).partitions(source, Instant.now()));
            Instant until = Instant.now().plus(ABORT_LIMIT);
            SortedSet<PartitionKey> unstable = new OpenTransactions(clients, from)
                    .end(partitions, until.isBefore(context.deadline()) ? until : context.deadline());
            if (!unstable.isEmpty()) {
                return new StepOutcome.Failed(
                        "region " + from + ": transactions are still open on " + unstable + OpenTransactions.REMEDY);
            }
            return await(context, partitions, group.flatMap(g -> g.segments().open(context.flow())));
        } catch (KafkaException | ObjectStoreException e) {
            return new StepOutcome.Failed("draining " + context.flow() + ": " + e);
        }
    }

    private StepOutcome await(StepContext context, SortedSet<PartitionKey> partitions, Optional<Segment> running)
            throws InterruptedException {
        DerivedTopics derived = DerivedTopics.of(context.platform().group(context.group()));
        try (MirroredThrough mirrored = new MirroredThrough(
                clients.kafka(context.flow().from()),
                clients.kafka(context.flow().to()))) {
            while (true) {
                OffsetVector gates = derived.gates(context.group(), context.flow(), context.receipts());
                Through through = held(mirrored.read(partitions, running), gates);
                if (through.missingSince().isEmpty()) {
                    ObjectNode detail = JsonNodeFactory.instance.objectNode();
                    ObjectNode ends = detail.putObject("through");
                    through.through().ends().forEach((partition, end) -> ends.put(partition.toString(), end));
                    return tables(context, detail);
                }
                if (Instant.now().plusMillis(AGAIN_MILLIS).isAfter(context.deadline())) {
                    return new StepOutcome.Failed("the mirror of " + context.flow() + " has not caught up on "
                            + through.missingSince().keySet() + "; does it run?");
                }
                Thread.sleep(AGAIN_MILLIS);
            }
        }
    }

    /** What the mirror holds back beyond the newest snapshot, the restored job writes again. */
    private static Through held(Through through, OffsetVector gates) {
        return through.except(partition -> gates.end(partition).isPresent()
                && through.through().end(partition).orElse(0)
                        >= gates.end(partition).getAsLong());
    }

    private StepOutcome tables(StepContext context, ObjectNode detail) throws InterruptedException {
        TableDrain.Drained drained = new TableDrain(clients).await(context);
        if (!drained.behind().isEmpty()) {
            return new StepOutcome.Failed("the mirror of " + context.flow() + " has not caught up on the tables "
                    + drained.behind() + "; does it run?");
        }
        ObjectNode tables = detail.putObject("tables");
        drained.through().forEach(tables::put);
        return new StepOutcome.Done(detail);
    }
}
