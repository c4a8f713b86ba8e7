package io.breakwater.local.outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.flights.FlightEvent;
import io.breakwater.local.flights.WorkloadProcess;
import io.breakwater.local.journal.Entry;
import io.breakwater.local.journal.Journals;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.FlinkServers;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Flow;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import io.breakwater.region.FlinkRest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The whole workload with its job on one region's real servers, without a failover. */
class FlightsWorkloadIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final int RATE = 1_000;
    private static final int PARTITIONS = 4;

    private final ProjectLayout layout = ProjectLayout.find();

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    @Tag("full")
    void tableAndJobHoldWhatWasAcknowledged() throws Exception {
        Map<String, String> buckets = Map.of("lake", "lake-east", "flink", "flink-east");
        try (KafkaServer kafka = KafkaServer.in(layout, "kafka-it", directory.resolve("kafka"));
                S3Server s3 = S3Server.in(layout, "s3-it", directory.resolve("s3"), buckets);
                FlinkServers flink =
                        FlinkServers.in(layout, "flink-it", directory.resolve("flink"), s3, "flink-east")) {
            s3.launch();
            kafka.start(PROGRESS);
            s3.awaitReady(PROGRESS);
            flink.start(PROGRESS);
            createTopics(kafka);
            Path platformFile = platformFile(kafka, s3, flink);
            try (WorkloadProcess workload =
                    new WorkloadProcess(directory.resolve("workload"), platformFile, RATE, Optional.of("east"))) {
                workload.start();
                submitJob(kafka, flink);

                await().atMost(Duration.ofMinutes(4))
                        .pollInterval(Duration.ofSeconds(1))
                        .until(() -> {
                            Journals soFar = Journals.read(workload.journals());
                            return soFar.acknowledged().size() > 20 * RATE
                                    && !soFar.jobCheckpoints().isEmpty();
                        });
                assertThat(workload.stop()).isTrue();

                Platform platform = PlatformFile.load(platformFile);
                try (OutcomeReader reader = new OutcomeReader(platform, "flights", new Flow("east", "west"))) {
                    Journals journals = Journals.read(workload.journals());
                    List<StoredEvent> stored = reader.events("east");
                    assertTopicHoldsWhatWasAcknowledged(journals, stored);
                    assertGroupProcessedItOnce(journals, stored);
                    assertTableHoldsItsInput(
                            reader,
                            platform.group("flights")
                                    .assets(AssetSpec.DELTA_TABLE)
                                    .get(0),
                            journals,
                            stored);
                    assertJobHoldsItsInput(reader, stored);
                }
            }
        }
    }

    private static void assertTopicHoldsWhatWasAcknowledged(Journals journals, List<StoredEvent> stored) {
        assertThat(stored.stream().map(event -> event.event().id()))
                .doesNotHaveDuplicates()
                .containsAll(journals.acknowledged().stream()
                        .map(Entry.Acknowledged::id)
                        .toList());
    }

    private static void assertGroupProcessedItOnce(Journals journals, List<StoredEvent> stored) {
        Set<Long> ids = stored.stream().map(event -> event.event().id()).collect(Collectors.toSet());
        assertThat(journals.started()).hasSize(PARTITIONS);
        assertThat(journals.committed()).isNotEmpty();
        assertThat(journals.processed().stream().map(Entry.Processed::id))
                .doesNotHaveDuplicates()
                .isSubsetOf(ids);
    }

    private static void assertTableHoldsItsInput(
            OutcomeReader reader, AssetSpec table, Journals journals, List<StoredEvent> stored) throws Exception {
        TableVersions versions = reader.versions("east", table);
        long newest = versions.newestWritten();
        OffsetVector inputs = versions.inputs("flights-archiver", reader.clusterId("east"), newest);
        RowDigest rows = reader.rows("east", table).digest(newest);

        assertThat(inputs.ends()).hasSize(PARTITIONS);
        assertThat(rows).isEqualTo(OutcomeReader.below(inputs, stored));
        assertThat(rows.rows())
                .isGreaterThan(0)
                .isEqualTo(journals.tableCommits().stream()
                        .mapToLong(Entry.TableCommit::rows)
                        .sum());
    }

    private static void assertJobHoldsItsInput(OutcomeReader reader, List<StoredEvent> stored) throws Exception {
        Map<String, AirportSummary> summaries = reader.summaries("east", stored);

        assertThat(FlinkOutcome.caughtUp(stored, summaries)).isTrue();
        assertThat(FlinkOutcome.of("", stored, summaries)).isEqualTo(new FlinkOutcome("", summaries.size(), 0, 0, 0));
    }

    private static void createTopics(KafkaServer kafka) throws Exception {
        try (Admin admin = Admin.create(kafka.client(Principal.ADMIN))) {
            admin.createTopics(Stream.of(FlightEvent.TOPIC, AirportSummary.TOPIC)
                            .map(topic -> new NewTopic(topic, PARTITIONS, (short) 1))
                            .toList())
                    .all()
                    .get();
        }
    }

    private void submitJob(KafkaServer kafka, FlinkServers flink) throws IOException, InterruptedException {
        Path clientConfig = directory.resolve("job.properties");
        WorkloadProcess.writeClientConfig(clientConfig, Principal.PIPELINE.clientSettings());
        FlinkRest rest = new FlinkRest(flink.url());
        String jar = rest.upload(layout.flightsJob()).ifOk().orElseThrow();
        assertThat(rest.run(
                                jar,
                                FlinkRest.Submission.fresh(
                                        "io.breakwater.local.job.DelayByAirportJob",
                                        2,
                                        List.of(
                                                "--bootstrap",
                                                kafka.bootstrap(),
                                                "--client-config",
                                                clientConfig.toString(),
                                                "--transactional-id-prefix",
                                                "flights-east-1")))
                        .ifOk())
                .isPresent();
    }

    private Path platformFile(KafkaServer kafka, S3Server s3, FlinkServers flink) throws IOException {
        return Files.writeString(directory.resolve("platform.yaml"), """
                platform: flights
                nodes:
                  - {id: east, region: east, raft: "127.0.0.1:1", http: "127.0.0.1:1"}
                regions:
                  east: &site
                    kafka: {bootstrap: "%s", client: {security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN, sasl.jaas.config: '%s'}, mirror: {}, mirrorPrincipal: "User:mirror"}
                    connect: {url: "http://127.0.0.1:1"}
                    objectStore:
                      region: %s
                      endpoint: "%s"
                      accessKey: %s
                      secretKey: %s
                      buckets: {lake: lake-east, flink: flink-east}
                    flink: {url: "%s"}
                  west: *site
                groups:
                  flights:
                    home: east
                    standby: west
                    objectives: {rto: PT15M, rpo: PT5M}
                    policy: {mode: advisory}
                    pipelinePrincipals: ["User:pipeline"]
                    assets:
                      - {kind: delta-table, name: flights, path: "s3://{lake}/flights", writer: flights-archiver}
                      - {kind: flink-job, name: delay-by-airport}
                """.formatted(
                        kafka.bootstrap(),
                        Principal.ADMIN.jaas(),
                        S3Server.SIGNING_REGION,
                        s3.endpoint(),
                        S3Server.ACCESS_KEY,
                        S3Server.SECRET_KEY,
                        flink.url()));
    }
}
