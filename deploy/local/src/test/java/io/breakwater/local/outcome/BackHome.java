package io.breakwater.local.outcome;

import io.breakwater.local.flights.FlightEvent;
import io.breakwater.local.journal.Entry.Acknowledged;
import io.breakwater.local.journal.Journals;
import io.breakwater.platform.Flow;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Platform;
import io.breakwater.region.KafkaSettings;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.region.RegionClients;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What the home region has after the group went away with a loss and came back without one.
 *
 * @param missing acknowledged events, of either region, that are not there
 * @param repeated events that are there more than once
 * @param lost events of the loss ledger: they are there, but the job has not seen them
 * @param caughtUp whether the job has applied the last event of each airport
 * @param job its state against a linear scan of what is there and was not lost
 */
public record BackHome(long missing, long repeated, long lost, boolean caughtUp, FlinkOutcome job) {

    /** @param away the flow that was followed by the loss */
    public static BackHome read(Platform platform, String group, Flow away, Journals journals) throws IOException {
        List<StoredEvent> stored = new ArrayList<>();
        TopicScan.of(
                KafkaSettings.breakwater(platform.region(away.from()).kafka()),
                FlightEvent.TOPIC,
                record -> stored.add(stored(record)));
        Set<Long> lost = lost(platform, group, away);
        Set<Long> ids = new HashSet<>();
        stored.forEach(event -> ids.add(event.event().id()));
        Set<Long> missing = new HashSet<>();
        journals.acknowledged().stream().map(Acknowledged::id).forEach(missing::add);
        missing.removeAll(ids);
        List<StoredEvent> counted = stored.stream()
                .filter(event -> !lost.contains(event.event().id()))
                .toList();
        Map<String, AirportSummary> newest = new HashMap<>();
        TopicScan.of(
                KafkaSettings.breakwater(platform.region(away.from()).kafka()),
                AirportSummary.TOPIC,
                record -> newest.put(
                        new String(record.key(), StandardCharsets.UTF_8), AirportSummary.fromJson(record.value())));
        return new BackHome(
                missing.size(),
                stored.size() - ids.size(),
                lost.size(),
                FlinkOutcome.caughtUp(counted, newest),
                FlinkOutcome.of("", counted, newest));
    }

    /** Of a partition of the job's output, what a region has of it: first what it wrote itself, if it did. */
    private enum Part {
        BEFORE,
        COPY,
        RESTORED,
        AFTER;

        Part next(boolean isCopied) {
            return switch (this) {
                case BEFORE -> isCopied ? COPY : BEFORE;
                case COPY -> isCopied ? COPY : RESTORED;
                case RESTORED -> isCopied ? AFTER : RESTORED;
                case AFTER -> AFTER;
            };
        }
    }

    /**
     * How many of the job's summaries are older than one that a reader has seen before, who reads the copy in a region,
     * and there goes on with what the restored job writes. What the region had written itself before, nobody read after
     * the move.
     */
    public static long goneBack(Platform platform, String region) {
        Map<PartitionKey, Part> parts = new HashMap<>();
        Map<String, Long> greatest = new HashMap<>();
        List<String> older = new ArrayList<>();
        TopicScan.of(KafkaSettings.breakwater(platform.region(region).kafka()), AirportSummary.TOPIC, record -> {
            boolean isCopied = ProvenanceStamp.of(record.headers()).isPresent();
            Part part = parts.compute(
                    new PartitionKey(record.topic(), record.partition()),
                    (partition, before) -> (before == null ? Part.BEFORE : before).next(isCopied));
            if (part == Part.COPY || part == Part.RESTORED) {
                AirportSummary summary = AirportSummary.fromJson(record.value());
                long applied = summary.events() + summary.duplicates();
                long before = greatest.getOrDefault(summary.airport(), 0L);
                greatest.put(summary.airport(), Math.max(applied, before));
                if (applied < before) {
                    older.add(summary.airport());
                }
            }
        });
        return older.size();
    }

    private static Set<Long> lost(Platform platform, String group, Flow away) throws IOException {
        try (RegionClients clients = new RegionClients(platform, Duration.ofSeconds(10))) {
            ObjectUri folder = ObjectUri.parse(
                    platform.region(away.to()).objectStore().locate("s3://{breakwater}/ledger/" + group));
            return new HashSet<>(new LossLedger(clients.objectStore(away.to()), folder).eventIds());
        }
    }

    private static StoredEvent stored(ConsumerRecord<byte[], byte[]> record) {
        return new StoredEvent(
                new PartitionKey(record.topic(), record.partition()),
                record.offset(),
                OptionalLong.empty(),
                FlightEvent.fromJson(record.value()));
    }
}
