package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.BreakwaterServer;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.platform.Alarm;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.ConnectorName;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.platform.ReplicaPosition.Carried;
import io.breakwater.region.ConnectRest;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.verification.VerificationRequest;
import io.breakwater.verification.VerificationResult;
import io.breakwater.verification.VerificationResult.Mismatch;
import io.breakwater.verification.VerificationResult.Verified;
import io.breakwater.verification.objects.PrefixVerifier;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A prefix of raw objects, mirrored by a real worker between two real S3 servers; the worker is killed in between. */
class ObjectMirrorIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Flow FLOW = new Flow("east", "west");
    private static final AssetId LANDING = new AssetId(AssetSpec.S3_PREFIX, "landing");
    private static final int SMALL = 2_500;
    private static final int LARGE = 11 << 20;

    @TempDir
    private Path directory;

    private KafkaServer kafka;
    private S3Server east;
    private S3Server west;
    private BreakwaterServer worker;
    private Platform platform;
    private ConnectRest connect;
    private ObjectStore source;
    private ObjectStore standby;

    @BeforeEach
    void servers() throws Exception {
        ProjectLayout layout = ProjectLayout.find();
        kafka = KafkaServer.in(layout, "kafka-west", Files.createDirectories(directory.resolve("kafka")));
        east = S3Server.in(layout, "s3-east", directory.resolve("s3-east"), Map.of("raw", "raw-east"));
        west = S3Server.in(layout, "s3-west", directory.resolve("s3-west"), Map.of("raw", "raw-west"));
        kafka.launch();
        east.launch();
        west.launch();
        kafka.awaitReady(PROGRESS);
        east.awaitReady(PROGRESS);
        west.awaitReady(PROGRESS);
        source = S3ObjectStore.connect(east.site(), TIMEOUT);
        standby = S3ObjectStore.connect(west.site(), TIMEOUT);
        URI url = URI.create("http://127.0.0.1:" + FreePorts.next());
        connect = new ConnectRest(url);
        Path file = platformFile(url);
        platform = PlatformFile.load(file);
        worker = BreakwaterServer.in(
                layout,
                "replicator-west",
                directory.resolve("replicator"),
                new BreakwaterServer.Command(
                        List.of(
                                "replicator",
                                "--platform",
                                file.toString(),
                                "--region",
                                "west",
                                "--data",
                                directory.resolve("replicator/data").toString()),
                        "256m",
                        url.resolve("/connectors")));
        worker.start(PROGRESS);
    }

    private Path platformFile(URI url) throws IOException {
        StringBuilder client = new StringBuilder();
        Map<String, Principal> roles =
                Map.of("client", Principal.ADMIN, "worker", Principal.CONNECT, "mirror", Principal.MIRROR);
        for (Map.Entry<String, Principal> role : roles.entrySet()) {
            Path jaas = Files.writeString(
                    directory.resolve(role.getKey() + ".jaas"), role.getValue().jaas());
            client.append(", ")
                    .append(role.getKey())
                    .append(": {security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN, sasl.jaas.config: \"${file:")
                    .append(jaas)
                    .append("}\"}");
        }
        return Files.writeString(directory.resolve("platform.yaml"), """
                platform: objects
                nodes:
                  - {id: east, region: east, raft: "127.0.0.1:1", http: "127.0.0.1:2"}
                regions:
                %s%sgroups:
                  raw:
                    home: east
                    standby: west
                    objectives: {rto: PT15M, rpo: PT5M}
                    assets:
                      - {kind: s3-prefix, name: landing, prefix: "s3://{raw}/landing/", every: PT1S}
                """.formatted(
                        region("east", "http://127.0.0.1:1", east, client.toString()),
                        region("west", url.toString(), west, client.toString())));
    }

    private String region(String name, String connectUrl, S3Server store, String client) {
        return """
                  %s:
                    kafka: {bootstrap: "%s", mirrorPrincipal: "%s"%s}
                    connect: {url: "%s"}
                    flink: {url: "http://127.0.0.1:1"}
                    objectStore: {region: us-east-1, endpoint: "%s", accessKey: %s, secretKey: %s, buckets: {raw: raw-%s}}
                """.formatted(
                        name,
                        kafka.bootstrap(),
                        Principal.MIRROR.kafkaPrincipal(),
                        client,
                        connectUrl,
                        store.endpoint(),
                        S3Server.ACCESS_KEY,
                        S3Server.SECRET_KEY,
                        name);
    }

    @AfterEach
    void end() {
        worker.close();
        source.close();
        standby.close();
        east.close();
        west.close();
        kafka.close();
    }

    @Test
    void everyObjectArrivesOnceWhateverHappensToTheWorkerAndTheSource() throws Exception {
        IntStream.range(0, SMALL).parallel().forEach(i -> put(small(i), ("object " + i)));
        byte[] large = new byte[LARGE];
        new Random(LARGE).nextBytes(large);
        source.put(at("raw-east", "large"), large);
        put("other.txt", "beside");
        source.put(new ObjectUri("raw-east", "elsewhere"), large);

        String connector = new ConnectorName("raw", AssetSpec.S3_PREFIX, FLOW).toString();
        await().atMost(SOON).until(() -> connect.status(connector).ifOk().isPresent());
        await().atMost(SOON).until(() -> connect.resume(connector).ifOk().isPresent());
        await().atMost(SOON).until(() -> !listed().isEmpty());
        worker.kill();
        PROGRESS.line("killed when " + listed().size() + " objects had arrived");
        worker.start(PROGRESS);

        Carried all = awaitCarried(SMALL + 2);
        assertThat(all.bytes())
                .isEqualTo(source.list(at("raw-east", "")).stream()
                        .mapToLong(ObjectInfo::size)
                        .sum());
        assertThat(standby.get(at("raw-west", "large"))).contains(large);
        assertThat(standby.head(new ObjectUri("raw-west", "elsewhere"))).isEmpty();

        put("later.txt", "while it follows");
        awaitCarried(SMALL + 3);
        ObjectNode figures = verified(true);
        assertThat(figures.path("comparedWithSource").longValue()).isEqualTo(SMALL + 3);
        assertThat(figures.path("asAnnounced").booleanValue()).isTrue();

        put(small(7), "written again");
        Alarm alarm = new MirrorReports(kafka).awaitAlarm("raw", "objects-changed", LANDING.toString());
        assertThat(alarm.message()).contains("landing/" + small(7), "tag");
        assertThat(text(small(7))).isEqualTo("object 7");
        assertThat(verified(true).path("newerAtSource").longValue())
                .as("no position claims it")
                .isEqualTo(1);

        east.kill();
        assertThat(verified(false).path("objects").longValue())
                .as("the source is dead")
                .isEqualTo(SMALL + 3);
        standby.delete(at("raw-west", small(11)));
        assertThat(verify(false)).isInstanceOf(Mismatch.class);
    }

    private static String small(int i) {
        return "day=%02d/%05d.json".formatted(i % 30, i);
    }

    private static ObjectUri at(String bucket, String name) {
        return new ObjectUri(bucket, "landing/" + name);
    }

    private void put(String name, String content) {
        source.put(at("raw-east", name), content.getBytes(StandardCharsets.UTF_8));
    }

    private String text(String name) {
        return new String(standby.get(at("raw-west", name)).orElseThrow(), StandardCharsets.UTF_8);
    }

    private List<ObjectInfo> listed() {
        return standby.list(at("raw-west", ""));
    }

    private Carried awaitCarried(int objects) {
        return await("receipt of " + objects + " objects")
                .atMost(SOON)
                .ignoreExceptions()
                .until(
                        () -> position().flatMap(ReplicaPosition::carried),
                        carried -> carried.filter(c -> c.files() == objects).isPresent())
                .orElseThrow();
    }

    private Optional<ReplicaPosition> position() {
        return LinearScan.of(kafka.client(Principal.ADMIN), List.of(Receipt.TOPIC)).records().values().stream()
                .flatMap(List::stream)
                .map(record -> Receipt.fromJson(record.value()))
                .filter(receipt -> receipt.asset().equals(LANDING)
                        && receipt.health().isEmpty()
                        && receipt.position().sourceTime().isBefore(Instant.now()))
                .map(Receipt::position)
                .reduce((older, newer) -> newer);
    }

    private ObjectNode verified(boolean compareSource) throws InterruptedException {
        VerificationResult result = verify(compareSource);
        assertThat(result).isInstanceOf(Verified.class);
        return ((Verified) result).figures();
    }

    private VerificationResult verify(boolean compareSource) throws InterruptedException {
        try (RegionClients clients = new RegionClients(platform, TIMEOUT)) {
            return new PrefixVerifier()
                    .verify(new VerificationRequest(
                            platform,
                            clients,
                            "raw",
                            FLOW,
                            LANDING,
                            platform.group("raw").assets(AssetSpec.S3_PREFIX).get(0),
                            position().orElseThrow(),
                            compareSource));
        }
    }
}
