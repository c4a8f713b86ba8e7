package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.GroupTopics;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.ledger.LedgerFolder;
import io.breakwater.region.ledger.LedgerWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/**
 * Exports what the region that was left holds beyond the recorded ends of its segments: the loss ledger, files of
 * JSON lines and a manifest that is written last. Reads the old region and changes no record there;
 * transactions that its dead writers left open are ended, because nothing behind them could be read.
 */
public final class ExportLossLedgerStep implements RunbookStep {

    private static final Duration ABORT_LIMIT = Duration.ofSeconds(20);

    private final RegionClients clients;

    /** @param sha256 of the manifest's bytes, so that the evidence log vouches for the ledger's files */
    private record Detail(String manifest, String sha256, long records, List<Lost> partitions) {

        static Detail of(LedgerWriter.Written written) {
            return new Detail(
                    written.location(),
                    written.sha256(),
                    written.manifest().total().records(),
                    written.manifest().partitions().stream()
                            .map(part ->
                                    new Lost(part.topic(), part.partition(), part.from(), part.to(), part.records()))
                            .toList());
        }
    }

    /** Source offsets from (inclusive) to (exclusive), and how many committed records are there. */
    private record Lost(String topic, int partition, long from, long to, long records) {}

    public ExportLossLedgerStep(RegionClients clients) {
        this.clients = clients;
    }

    @Override
    public String id() {
        return "export-loss-ledger";
    }

    @Override
    public String preview(Preview preview) {
        return "exports what " + preview.flow().from() + " holds beyond the recovery point of its last failover";
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        String from = context.flow().from();
        Segments segments = context.detail(RecordSegmentsStep.ID, Segments.class);
        Admin admin = clients.admin(from);
        try {
            SortedSet<PartitionKey> partitions = new TreeSet<>(
                    new GroupTopics(context.platform().group(context.group())).partitions(admin, Instant.now()));
            SortedSet<PartitionKey> unstable = new OpenTransactions(clients, from)
                    .end(partitions, earlier(context.deadline(), Instant.now().plus(ABORT_LIMIT)));
            if (!unstable.isEmpty()) {
                return new StepOutcome.Failed(
                        "region " + from + ": transactions are still open on " + unstable + OpenTransactions.REMEDY);
            }
            return export(context, segments, partitions);
        } catch (KafkaException e) {
            return new StepOutcome.Failed("reading the tails of region " + from + ": " + e);
        } catch (ObjectStoreException e) {
            return new StepOutcome.Failed("writing the loss ledger: " + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private StepOutcome export(StepContext context, Segments segments, SortedSet<PartitionKey> partitions)
            throws IOException, InterruptedException {
        String from = context.flow().from();
        String to = context.flow().to();
        ObjectUri folder = folder(context);
        SortedMap<PartitionKey, Long> ends = new TreeMap<>();
        partitions.forEach(partition -> ends.put(partition, segments.sourceEnd(partition)));
        LedgerWriter.Scope scope = new LedgerWriter.Scope(
                Optional.of(context.group()),
                Optional.of(context.epoch().number()),
                KafkaAnswer.await(clients.admin(to).describeCluster().clusterId(), "id of the active cluster"),
                ends);
        try (LedgerWriter writer = new LedgerWriter(
                clients.admin(from), clients.kafka(from), LedgerFolder.of(clients.objectStore(to), folder))) {
            return StepOutcome.done(Detail.of(writer.write(scope, context.deadline())));
        }
    }

    /** Where the loss ledger of an epoch lies, in the promoted region. */
    static ObjectUri folder(StepContext context) {
        return ObjectUri.parse(context.platform()
                .region(context.flow().to())
                .objectStore()
                .locate("s3://{breakwater}/ledger/" + context.group() + "/" + context.epoch()));
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
