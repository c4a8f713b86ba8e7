package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.GroupTopics;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/**
 * Exports what the region that was left holds beyond the recorded ends of its segments: the loss ledger, one file of
 * JSON lines for each partition and a manifest that is written last. Reads the old region and changes no record there;
 * transactions that its dead writers left open are ended, because nothing behind them could be read.
 */
public final class ExportLossLedgerStep implements RunbookStep {

    private static final Duration ABORT_LIMIT = Duration.ofSeconds(20);

    private final RegionClients clients;

    /** The manifest, and what is in it for people. */
    private record Manifest(String group, long epoch, List<LossLedgerFile.Part> partitions) {}

    private record Detail(String manifest, long records, List<LossLedgerFile.Part> partitions) {}

    public ExportLossLedgerStep(RegionClients clients) {
        this.clients = clients;
    }

    @Override
    public String id() {
        return "export-loss-ledger";
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        String from = context.flow().from();
        Segments segments = context.detail(RecordSegmentsStep.ID, Segments.class);
        Admin admin = clients.admin(from);
        try {
            SortedSet<PartitionKey> partitions = new TreeSet<>(
                    new GroupTopics(context.platform().group(context.group())).partitions(admin, Instant.now()));
            OpenTransactions transactions = new OpenTransactions(admin);
            transactions.abortAll();
            SortedSet<PartitionKey> unstable = transactions.await(
                    partitions, earlier(context.deadline(), Instant.now().plus(ABORT_LIMIT)));
            if (!unstable.isEmpty()) {
                return new StepOutcome.Failed("region " + from + ": transactions are still open on " + unstable);
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
            throws IOException {
        ObjectStore store = clients.objectStore(context.flow().to());
        ObjectUri folder = ObjectUri.parse(context.platform()
                .region(context.flow().to())
                .objectStore()
                .locate("s3://{breakwater}/ledger/" + context.group() + "/" + context.epoch()));
        List<LossLedgerFile.Part> parts = new ArrayList<>();
        try (LossLedgerFile.Reader reader =
                new LossLedgerFile.Reader(clients.kafka(context.flow().from()))) {
            for (PartitionKey partition : partitions) {
                Path file = Files.createTempFile("breakwater-ledger", ".jsonl");
                try {
                    parts.add(reader.write(partition, segments.sourceEnd(partition), file, context.deadline()));
                    store.put(folder.resolve(partition + ".jsonl"), file);
                } finally {
                    Files.delete(file);
                }
            }
        }
        Manifest manifest = new Manifest(context.group(), context.epoch().number(), parts);
        ObjectUri uri = folder.resolve("manifest.json");
        store.put(uri, Json.MAPPER.writeValueAsBytes(manifest));
        long records = parts.stream().mapToLong(LossLedgerFile.Part::records).sum();
        return StepOutcome.done(new Detail(uri.toString(), records, parts));
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
