package io.breakwater.local.savepoint;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.FlinkServers;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.platform.Json;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * What a Flink job's move needs and no more: regions east and west with a Kafka cluster and a bucket each. The store
 * and the Flink cluster behind them are one, which saves memory and changes nothing: jobs are told their region.
 */
final class TwoClusters implements AutoCloseable {

    static final String INPUT = "flights.events";
    static final String OUTPUT = "flights.delays";
    static final String JOB = "delay-by-airport";
    static final int PARTITIONS = 4;

    private static final String ACCESS_KEY = "store.access";
    private static final String SECRET_KEY = "store.secret";
    private static final Progress PROGRESS = Progress.to(System.out);

    private final KafkaServer east;
    private final KafkaServer west;
    private final S3Server store;
    private final FlinkServers flink;
    private final Path directory;
    private final Map<String, Object> job;
    private final ProjectLayout layout = ProjectLayout.find();

    /** @param slots of the Flink cluster, see {@link FlinkServers} */
    TwoClusters(Path directory, int slots) {
        this(directory, slots, Map.of());
    }

    /** @param job settings of the platform file's job that are others than those of {@link #JOB} */
    TwoClusters(Path directory, int slots, Map<String, Object> job) {
        this(directory, slots, job, Map.of());
    }

    /**
     * As above.
     *
     * @param settings of the Flink cluster, beside those that each has
     */
    TwoClusters(Path directory, int slots, Map<String, Object> job, Map<String, String> settings) {
        this.directory = directory;
        this.job = job;
        east = KafkaServer.in(layout, "kafka-east", directory.resolve("kafka-east"));
        west = KafkaServer.in(layout, "kafka-west", directory.resolve("kafka-west"));
        store = S3Server.in(layout, "s3", directory.resolve("s3"), Map.of("east", "flink-east", "west", "flink-west"));
        flink = FlinkServers.in(layout, "flink", directory.resolve("flink"), store, "flink-east", slots, settings);
    }

    void start() throws Exception {
        east.launch();
        west.launch();
        store.start(PROGRESS);
        flink.launch();
        east.awaitReady(PROGRESS);
        west.awaitReady(PROGRESS);
        flink.awaitReady(PROGRESS);
        // Once, and before any job reads one.
        Files.writeString(directory.resolve(ACCESS_KEY), S3Server.ACCESS_KEY);
        Files.writeString(directory.resolve(SECRET_KEY), S3Server.SECRET_KEY);
        for (KafkaServer cluster : List.of(east, west)) {
            write(clientFile(cluster), cluster.client(Principal.ADMIN));
            try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
                admin.createTopics(List.of(
                                new NewTopic(INPUT, PARTITIONS, (short) 1),
                                new NewTopic(OUTPUT, PARTITIONS, (short) 1)))
                        .all()
                        .get();
            }
        }
        try (S3ObjectStore objects = S3ObjectStore.connect(store.site(), Duration.ofSeconds(30))) {
            objects.put(ObjectUri.parse("s3://flink-east/jars/job.jar"), layout.flightsJob());
        }
        Files.writeString(platformFile(), Json.MAPPER.writeValueAsString(platformTree(job)));
        write(clientConfig(), Principal.PIPELINE.clientSettings());
    }

    S3Server store() {
        return store;
    }

    Path launcher() {
        return layout.launcher();
    }

    Path directory() {
        return directory;
    }

    /** Client settings of a cluster as a file, for programs; there from the start on. */
    Path clientFile(KafkaServer cluster) {
        return directory.resolve(cluster.name() + ".properties");
    }

    /** References to the store's keys, for programs. */
    String accessKey() {
        return "${file:" + directory.resolve(ACCESS_KEY) + "}";
    }

    String secretKey() {
        return "${file:" + directory.resolve(SECRET_KEY) + "}";
    }

    private static void write(Path file, Map<String, ?> settings) throws IOException {
        Files.writeString(
                file,
                settings.entrySet().stream()
                        .map(setting -> setting.getKey() + "=" + setting.getValue() + "\n")
                        .collect(Collectors.joining()));
    }

    KafkaServer east() {
        return east;
    }

    KafkaServer west() {
        return west;
    }

    FlinkServers flink() {
        return flink;
    }

    Path jar() {
        return layout.flightsJob();
    }

    Path platformFile() {
        return directory.resolve("platform.yaml");
    }

    Platform platform() {
        return PlatformFile.load(platformFile());
    }

    /** The same with other settings of its job. */
    Platform platform(Map<String, Object> settings) throws IOException {
        return PlatformFile.load(platformFile(settings));
    }

    Path platformFile(Map<String, Object> settings) throws IOException {
        return Files.writeString(
                directory.resolve("platform-" + settings.hashCode() + ".yaml"),
                Json.MAPPER.writeValueAsString(platformTree(settings)));
    }

    private Path clientConfig() {
        return directory.resolve("pipeline.properties");
    }

    /** The job's arguments, with gaps for the region. */
    String arguments() {
        return "--bootstrap {bootstrap} --client-config " + clientConfig()
                + " --transactional-id-prefix flights-{region}-{epoch}";
    }

    static List<TopicPartition> partitions() {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : List.of(INPUT, OUTPUT)) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                partitions.add(new TopicPartition(topic, partition));
            }
        }
        return partitions;
    }

    Uuid eastClusterId() throws ExecutionException, InterruptedException {
        return clusterId(east);
    }

    static Uuid clusterId(KafkaServer cluster) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
            return Uuid.fromString(admin.describeCluster().clusterId().get());
        }
    }

    private Map<String, Object> platformTree(Map<String, Object> ofJob) {
        return Map.of(
                "platform", "savepoints",
                "nodes", List.of(Map.of("id", "a", "raft", "127.0.0.1:1", "http", "127.0.0.1:2")),
                "regions", Map.of("east", region(east, "flink-east"), "west", region(west, "flink-west")),
                "groups",
                        Map.of(
                                "flights",
                                Map.of(
                                        "home", "east",
                                        "standby", "west",
                                        "objectives", Map.of("rto", "PT15M", "rpo", "PT5M"),
                                        "policy", Map.of("mode", "advisory"),
                                        "pipelinePrincipals", List.of(Principal.PIPELINE.kafkaPrincipal()),
                                        "assets",
                                                List.of(
                                                        Map.of("kind", "kafka-topic", "pattern", "flights\\..*"),
                                                        job(ofJob)))));
    }

    private Map<String, Object> job(Map<String, Object> others) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("kind", "flink-job");
        settings.put("name", JOB);
        settings.put("jar", "s3://{flink}/jars/job.jar");
        settings.put("entryClass", "io.breakwater.local.job.DelayByAirportJob");
        settings.put("parallelism", 2);
        settings.put("args", arguments());
        settings.put("snapshot", Map.of("every", "PT5S"));
        settings.put("sink", "drop-with-new-prefix");
        settings.putAll(others);
        return settings;
    }

    private Map<String, Object> region(KafkaServer cluster, String bucket) {
        return Map.of(
                "kafka",
                        Map.of(
                                "bootstrap", cluster.bootstrap(),
                                "client", cluster.cluster().client(),
                                "mirror", cluster.cluster().mirror(),
                                "mirrorPrincipal", cluster.cluster().mirrorPrincipal()),
                "connect", Map.of("url", "http://127.0.0.1:3"),
                "objectStore",
                        Map.of(
                                "region", S3Server.SIGNING_REGION,
                                "endpoint", store.endpoint().toString(),
                                "accessKey", S3Server.ACCESS_KEY,
                                "secretKey", S3Server.SECRET_KEY,
                                "buckets", Map.of("flink", bucket)),
                "flink", Map.of("url", flink.url().toString()));
    }

    @Override
    public void close() {
        flink.close();
        west.close();
        east.close();
        store.close();
    }
}
