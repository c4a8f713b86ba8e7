package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.steps.Segments.Segment;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.GroupTopics;
import io.breakwater.region.MirrorTail;
import io.breakwater.region.RegionClients;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;

/**
 * Records where the fenced flow ended, for each partition of the group. The detail is {@link Segments}. Needs
 * {@link FenceMirrorStep} done, so that the ends are final, and the region not yet opened.
 */
public final class RecordSegmentsStep implements RunbookStep {

    static final String ID = "record-segments";

    private final RegionClients clients;

    public RecordSegmentsStep(RegionClients clients) {
        this.clients = clients;
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        String region = context.flow().to();
        Admin admin = clients.admin(region);
        try (MirrorTail tail = new MirrorTail(clients.kafka(region))) {
            SortedSet<PartitionKey> partitions =
                    new GroupTopics(context.platform().group(context.group())).partitions(admin, Instant.now());
            // A transaction of the mirror that was about to commit when it was fenced still becomes visible.
            SortedSet<PartitionKey> unstable = new OpenTransactions(admin).await(partitions, context.deadline());
            if (!unstable.isEmpty()) {
                return new StepOutcome.Failed(
                        "region " + region + ": transactions are still open on " + unstable + " after the fence");
            }
            Optional<Uuid> source = tail.sourceClusterId(partitions);
            SortedMap<PartitionKey, Segment> segments = new TreeMap<>();
            tail.read(source.orElse(Uuid.ZERO_UUID), partitions)
                    .forEach((partition, end) -> segments.put(
                            partition, new Segment(end.sourceEnd(), end.targetEnd(), end.lastTimestamp())));
            return StepOutcome.done(new Segments(source.map(Uuid::toString), segments));
        } catch (KafkaException e) {
            return new StepOutcome.Failed("reading the ends of the mirror on region " + region + ": " + e);
        }
    }
}
