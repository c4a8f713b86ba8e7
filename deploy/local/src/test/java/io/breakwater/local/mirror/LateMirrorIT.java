package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.controller.runbook.steps.FenceMirrorStep;
import io.breakwater.controller.runbook.steps.RecordSegmentsStep;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.Signals;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.ConnectorName;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Segment;
import io.breakwater.region.ConnectRest;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.region.RegionClients;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Connect worker of the old flow is stopped with SIGSTOP under traffic, the region is promoted without it, and then
 * it goes on where it was, with records in its hands and a source that lives. Nothing of it may land.
 */
class LateMirrorIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final List<String> TOPICS = List.of(MirrorPair.EVENTS, MirrorPair.DELAYS);
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final int LOCAL = 20;

    @TempDir
    private Path directory;

    @Test
    void aWorkerThatComesBackLateLandsNothing() throws Exception {
        try (MirrorPair pair = new MirrorPair(directory)) {
            pair.start(PROGRESS);
            String connector = new ConnectorName(MirrorPair.GROUP, AssetSpec.KAFKA_TOPIC, MirrorPair.FLOW).toString();
            await().atMost(SOON)
                    .until(() -> pair.connect.resume(connector).ifOk().isPresent());
            try (MirrorTraffic traffic = new MirrorTraffic(pair.east, "record")) {
                await().atMost(SOON).ignoreExceptions().until(() -> stamped(pair) > 500);
                Signals.STOP.send(pair.replicator);
                int acked = traffic.acked().size();
                await().atMost(SOON).until(() -> traffic.acked().size() > acked + 500);

                Segment ended = promote(pair);
                writeLocally(pair);
                Signals.CONT.send(pair.replicator);

                // It has noticed: the fence ends its tasks, or the stop that waited for it reaches it.
                await().atMost(SOON).until(() -> hasGivenUp(pair, connector));
                await().during(Duration.ofSeconds(10))
                        .atMost(Duration.ofSeconds(40))
                        .until(() -> isLocal(scan(pair), ended));
                assertThat(traffic.hasEnded()).as("the source lives").isFalse();
            }
        }
    }

    private static Segment promote(MirrorPair pair) throws InterruptedException {
        try (RegionClients clients = new RegionClients(pair.platform, Duration.ofSeconds(10))) {
            StepRunContext steps = new StepRunContext(pair.platform, MirrorPair.FLOW);
            PROGRESS.line("fenced: " + steps.run(new FenceMirrorStep(clients)));
            PROGRESS.line("ends: " + steps.run(new RecordSegmentsStep(clients)));
            return steps.state()
                    .group(MirrorPair.GROUP)
                    .flatMap(group -> group.segments().last())
                    .filter(segment -> !segment.open())
                    .orElseThrow();
        }
    }

    private static void writeLocally(MirrorPair pair) throws Exception {
        Map<String, Object> settings = new HashMap<>(pair.west.client(Principal.APP));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < LOCAL; i++) {
                byte[] value = ("local-" + i).getBytes(StandardCharsets.UTF_8);
                producer.send(new ProducerRecord<>(MirrorPair.EVENTS, value, value))
                        .get();
            }
        }
        PROGRESS.line(LOCAL + " records are written on west");
    }

    private static boolean hasGivenUp(MirrorPair pair, String connector) throws InterruptedException {
        return pair.connect
                .status(connector)
                .ifOk()
                .filter(status -> status.state().equals("STOPPED")
                        || status.tasks().stream().map(ConnectRest.Task::state).anyMatch("FAILED"::equals))
                .isPresent();
    }

    /** Behind the recorded ends, there is what was written locally and nothing else. */
    private static boolean isLocal(LinearScan west, Segment ended) {
        Map<PartitionKey, List<ConsumerRecord<byte[], byte[]>>> behind = new HashMap<>();
        west.records().forEach((partition, records) -> {
            long end = Objects.requireNonNull(ended.partitions().get(partition))
                    .targetTo()
                    .orElseThrow();
            behind.put(
                    partition,
                    records.stream().filter(record -> record.offset() >= end).toList());
        });
        Stream<ConsumerRecord<byte[], byte[]>> all = behind.values().stream().flatMap(List::stream);
        List<String> values = all.peek(record -> assertThat(ProvenanceStamp.of(record.headers()))
                        .as("landed late at " + record.partition() + "-" + record.offset())
                        .isEmpty())
                .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                .toList();
        assertThat(values).hasSize(LOCAL).allMatch(value -> value.startsWith("local-"));
        return true;
    }

    private static LinearScan scan(MirrorPair pair) {
        return LinearScan.of(pair.west.client(Principal.ADMIN), TOPICS);
    }

    private static long stamped(MirrorPair pair) {
        return scan(pair).records().values().stream().mapToLong(List::size).sum();
    }
}
