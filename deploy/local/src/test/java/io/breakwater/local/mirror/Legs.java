package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.Principal;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.ledger.LedgerFolder;
import io.breakwater.region.ledger.LedgerReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the tests of moves do on each leg: traffic, and what has become of it. */
final class Legs {

    /** That have to be mirrored of a leg before it ends. */
    static final int RECORDS = 800;

    static final List<String> TOPICS = List.of(MirrorPair.EVENTS, MirrorPair.DELAYS);

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration SOON = Duration.ofMinutes(3);

    private Legs() {}

    /** How a leg ends. */
    interface End {
        void run() throws Exception;
    }

    /** Traffic on a region until it has been mirrored for a while and is ended; the acknowledged values. */
    static Set<String> traffic(TwoRegions regions, String from, String to, String name, End end) throws Exception {
        MirrorTraffic traffic = new MirrorTraffic(regions.kafka(from), name);
        try (traffic) {
            awaitMirrored(regions, to, name);
            end.run();
            await().atMost(SOON).until(traffic::hasEnded);
        }
        PROGRESS.line(name + " leg: " + traffic.acked().size() + " records acknowledged by " + from);
        return traffic.acked();
    }

    private static void awaitMirrored(TwoRegions regions, String to, String prefix) {
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> onlyOnce(regions, to).keySet().stream()
                                .filter(value -> value.startsWith(prefix))
                                .count()
                        >= RECORDS);
        PROGRESS.line("records of the " + prefix + " leg are mirrored to " + to);
    }

    /** The values in the loss ledger of an epoch, once it is made, and where they are. */
    static Map<String, String> ledger(TwoRegions regions, long epoch) throws Exception {
        JsonNode operation = Moves.ledger(regions, epoch);
        String active = operation.path("to").asText();
        ObjectUri folder = ObjectUri.parse("s3://breakwater-" + active + "/ledger/" + MirrorPair.GROUP + "/" + epoch);
        Map<String, String> values = new HashMap<>();
        try (RegionClients clients = new RegionClients(regions.platform(), Duration.ofSeconds(10))) {
            LedgerReader reader = new LedgerReader(LedgerFolder.of(clients.objectStore(active), folder));
            assertThat(reader.verify().failures()).isEmpty();
            reader.read(record -> {
                String value = new String(record.value().orElseThrow(), StandardCharsets.UTF_8);
                String place =
                        record.topic() + "-" + record.partition() + " offset " + record.offset() + ", epoch " + epoch;
                assertThat(values.put(value, place))
                        .as("in the ledger before: " + value)
                        .isNull();
            });
        }
        PROGRESS.line("ledger of epoch " + epoch + ": " + values.size() + " records");
        return values;
    }

    static LinearScan scan(TwoRegions regions, String region) {
        return LinearScan.of(regions.kafka(region).client(Principal.ADMIN), TOPICS);
    }

    /** The values on a region and where they are; fails if one is there twice. */
    static Map<String, String> onlyOnce(TwoRegions regions, String region) throws IOException {
        Map<String, String> values = new HashMap<>();
        scan(regions, region)
                .records()
                .forEach((partition, records) -> records.forEach(record -> {
                    String value = new String(record.value(), StandardCharsets.UTF_8);
                    String place = partition + " offset " + record.offset();
                    String before = values.put(value, place);
                    if (before != null) {
                        throw new AssertionError(
                                "twice on " + region + ": " + value + " at " + before + " and at " + place);
                    }
                }));
        return values;
    }
}
