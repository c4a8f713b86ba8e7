package io.breakwater.local.move;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.process.ProgramRun;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Json;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Platform;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.RegionClients;
import io.breakwater.region.SegmentTranslator;
import io.breakwater.verification.VerificationRequest;
import io.breakwater.verification.VerificationResult;
import io.breakwater.verification.VerificationResult.Mismatch;
import io.breakwater.verification.VerificationResult.Verified;
import io.breakwater.verification.kafka.TopicVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people and verifiers find out from two clusters alone after the group has gone to and fro. */
class AfterFailbackIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final long UNTOLD = -1;
    private static final int PARTITIONS = 20;
    private static final int LAGGING_GROUPS = 200;

    @TempDir
    private static Path directory;

    private static KafkaServer east;
    private static KafkaServer west;
    private static Platform platform;
    private static RegionClients clients;

    @BeforeAll
    static void start() throws Exception {
        ProjectLayout layout = ProjectLayout.find();
        east = KafkaServer.in(layout, "kafka-east", directory.resolve("east"));
        west = KafkaServer.in(layout, "kafka-west", directory.resolve("west"));
        east.launch();
        west.launch();
        east.awaitReady(PROGRESS);
        west.awaitReady(PROGRESS);
        platform = MovedPlatform.of(east.cluster(), west.cluster());
        clients = new RegionClients(platform, Duration.ofSeconds(10));
    }

    @AfterAll
    static void stop() {
        clients.close();
        west.close();
        east.close();
    }

    @Test
    void theCommandKnowsEveryPositionInBothDirections() throws Exception {
        ThreeLegsByHand legs = new ThreeLegsByHand("flights.translated", east, west);
        legs.write(-1);

        // Only the living source knows where its copies of the target's own records came from.
        assertThat(translate(legs, "east", "west", true))
                .containsExactly(
                        0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 8L, 8L, 9L, 10L, 11L, 12L, 13L, 14L, 15L, 16L, 17L, 18L);
        assertThat(translate(legs, "east", "west", false))
                .containsExactly(
                        0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 8L, 8L, UNTOLD, UNTOLD, UNTOLD, UNTOLD, 13L, 14L, 15L, 16L,
                        17L, 18L);
        assertThat(translate(legs, "west", "east", true).subList(0, ThreeLegsByHand.WEST_END))
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 10L, 11L, 12L, 13L, 14L, 15L, 16L, 17L, 18L, 19L);
        // Kept before the failback: what the cluster has come back to tells it alone.
        assertThat(translate(legs, "west", "east", false).subList(0, 14))
                .containsExactly(
                        0L, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD, 10L, 11L, 12L, 13L, 14L, 15L);
    }

    /** Of each position from 0 to the end of the source, as the command says it. */
    private static List<Long> translate(ThreeLegsByHand legs, String from, String to, boolean alive) throws Exception {
        int end = from.equals("east") ? ThreeLegsByHand.EAST_END : ThreeLegsByHand.WEST_END;
        StringBuilder positions = new StringBuilder();
        for (int offset = 0; offset <= end; offset++) {
            positions
                    .append("at-")
                    .append(offset)
                    .append(' ')
                    .append(legs.partition().topic())
                    .append(" 0 ")
                    .append(offset)
                    .append('\n');
        }
        Path file = Files.writeString(directory.resolve("positions.txt"), positions);
        List<String> words = new ArrayList<>(List.of(
                "offsets",
                "translate",
                "--to",
                clientFile(to),
                "--positions",
                file.toString(),
                "--source-cluster-id",
                clients.admin(from).describeCluster().clusterId().get(),
                "--json"));
        if (alive) {
            words.addAll(List.of("--from", clientFile(from)));
        }
        ProgramRun run =
                ProgramRun.of(directory, Map.of(), ProjectLayout.find().launcher(), words.toArray(new String[0]));
        Long[] found = new Long[end + 1];
        for (JsonNode position : Json.MAPPER.readTree(run.output()).path("positions")) {
            found[position.path("offset").asInt()] =
                    position.path("targetOffset").asLong(UNTOLD);
        }
        return List.of(found);
    }

    private static String clientFile(String region) throws IOException {
        KafkaServer cluster = region.equals("east") ? east : west;
        Properties properties = new Properties();
        cluster.client(Principal.ADMIN).forEach((key, value) -> properties.setProperty(key, String.valueOf(value)));
        Path file = directory.resolve(region + ".properties");
        try (var out = Files.newBufferedWriter(file)) {
            properties.store(out, null);
        }
        return file.toString();
    }

    @Test
    void positionsOfManyLaggingGroupsTakeAFewPassesTogether() throws Exception {
        int scale = 200;
        ThreeLegsByHand legs = new ThreeLegsByHand("flights.lagging", PARTITIONS, scale, east, west);
        legs.write(-1);
        SortedMap<PartitionKey, SortedSet<Long>> wanted = new TreeMap<>();
        Random random = new Random(3);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            SortedSet<Long> positions = new TreeSet<>();
            for (int group = 0; group < LAGGING_GROUPS; group++) {
                positions.add(random.nextLong((long) scale * ThreeLegsByHand.EAST_END));
            }
            wanted.put(new PartitionKey(legs.partition().topic(), partition), positions);
        }

        try (SegmentTranslator translator = new SegmentTranslator(
                ThreeLegsByHand.EAST_WEST, clients.kafka("west"), Optional.of(clients.kafka("east")))) {
            long began = System.nanoTime();
            SortedMap<PartitionKey, SortedMap<Long, Translation>> found =
                    translator.search(legs.history(), Optional.empty(), Map.of(), wanted);
            PROGRESS.line(PARTITIONS * LAGGING_GROUPS + " positions on " + PARTITIONS + " partitions in "
                    + Duration.ofNanos(System.nanoTime() - began).toMillis() + " ms and " + translator.passes()
                    + " passes");

            assertThat(translator.passes())
                    .isLessThanOrEqualTo(2 * legs.history().segments().size());
            wanted.forEach((partition, positions) -> positions.forEach(position -> assertThat(
                            Objects.requireNonNull(found.get(partition)).get(position))
                    .as("%s at %s", partition, position)
                    .isEqualTo(new Translation(onWest(position, scale), false))));
        }
    }

    /** By the table of {@link ThreeLegsByHand}. */
    private static long onWest(long position, int scale) {
        if (position < 8L * scale) {
            return position;
        }
        return Math.max(8L * scale, position - 2L * scale);
    }

    @Test
    void eachRangeIsVerifiedAgainstItsOriginal() throws Exception {
        ThreeLegsByHand legs = new ThreeLegsByHand("flights.verified", east, west);
        legs.write(-1);

        VerificationResult thither = verify(legs, ThreeLegsByHand.EAST_WEST, ThreeLegsByHand.EAST_END);
        VerificationResult back = verify(legs, ThreeLegsByHand.WEST_EAST, 13);

        assertThat(thither).isInstanceOfSatisfying(Verified.class, verified -> {
            JsonNode figures = verified.figures().path(legs.partition().toString());
            assertThat(figures.path("records").asInt()).isEqualTo(13);
            assertThat(figures.path("broughtFromReplica").asInt()).isEqualTo(5);
        });
        assertThat(back).isInstanceOfSatisfying(Verified.class, verified -> {
            JsonNode figures = verified.figures().path(legs.partition().toString());
            assertThat(figures.path("records").asInt()).isEqualTo(5);
            assertThat(figures.path("broughtFromReplica").asInt()).isEqualTo(13);
        });
    }

    @Test
    void aRecordThatALaterLegMissesIsFound() throws Exception {
        ThreeLegsByHand legs = new ThreeLegsByHand("flights.missed", east, west);
        legs.write(17);

        assertThat(verify(legs, ThreeLegsByHand.EAST_WEST, ThreeLegsByHand.EAST_END))
                .isInstanceOfSatisfying(
                        Mismatch.class,
                        mismatch -> assertThat(mismatch.differences())
                                .singleElement()
                                .asString()
                                .contains("13 on the source up to 19, 12 copies"));
        // What it does not claim to have does not count.
        assertThat(verify(legs, ThreeLegsByHand.EAST_WEST, 17)).isInstanceOf(Verified.class);
    }

    private static VerificationResult verify(ThreeLegsByHand legs, Flow flow, long through) throws Exception {
        return new TopicVerifier()
                .verify(new VerificationRequest(
                        platform,
                        clients,
                        MovedPlatform.GROUP,
                        flow,
                        new AssetId(AssetSpec.KAFKA_TOPIC, legs.partition().topic()),
                        new AssetSpec(AssetSpec.KAFKA_TOPIC, new TreeMap<>()),
                        ReplicaPosition.ofTopic(Instant.EPOCH, new OffsetVector(Map.of(legs.partition(), through))),
                        true));
    }
}
