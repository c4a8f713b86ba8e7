package io.breakwater.local.bench;

import io.breakwater.local.PlatformFiles;
import io.breakwater.local.PlatformTemplate;
import io.breakwater.local.flights.FlightEvent;
import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerFailedException;
import io.breakwater.local.server.BreakwaterServer;
import io.breakwater.local.server.FlinkServers;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.ConnectorName;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.Region;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Submission;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RestAnswer;
import java.io.FileNotFoundException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;

/**
 * A Flink job in one of two regions, with a Kafka, a store and a Flink cluster each, and the replicator of the second
 * region, as the archive runs it: topics and savepoints are mirrored. Not for concurrent use.
 */
final class MirroredJob implements AutoCloseable {

    static final String EAST = "east";
    static final String WEST = "west";
    static final String JOB = "delay-by-airport";

    private static final String GROUP = "bench";
    private static final Flow FLOW = new Flow(EAST, WEST);
    private static final String TOPICS = new ConnectorName(GROUP, AssetSpec.KAFKA_TOPIC, FLOW).toString();
    private static final String JOBS = new ConnectorName(GROUP, AssetSpec.FLINK_JOB, FLOW).toString();
    private static final String OUTPUT = "flights.delays";
    private static final String HEAP = "512m";
    private static final int PARTITIONS = 4;
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final ProjectLayout layout;
    private final StorePair stores;
    private final Map<String, KafkaServer> kafka = new HashMap<>();
    private final Map<String, FlinkServers> flink = new HashMap<>();
    private final Map<String, String> jars = new HashMap<>();
    private final PlatformFiles files;
    private final BenchWorker worker;

    /** @param directory empty or absent */
    MirroredJob(ProjectLayout layout, StorePair stores, Path directory) {
        this.layout = layout;
        this.stores = stores;
        this.files = new PlatformFiles(directory);
        URI url = URI.create("http://127.0.0.1:" + FreePorts.next());
        Map<String, String> gaps = new HashMap<>(Map.of(
                "secrets", files.secrets().toString(),
                "clients", files.clients().toString(),
                "west.connect", url.toString()));
        for (String region : List.of(EAST, WEST)) {
            KafkaServer cluster = KafkaServer.in(layout, "kafka-" + region, directory.resolve("kafka-" + region));
            var store = region.equals(EAST) ? stores.source() : stores.target();
            FlinkServers jobs = FlinkServers.in(
                    layout, "flink-" + region, directory.resolve("flink-" + region), store, StorePair.BUCKET);
            kafka.put(region, cluster);
            flink.put(region, jobs);
            gaps.put(region + ".kafka", cluster.bootstrap());
            gaps.put(region + ".s3", store.endpoint().toString());
            gaps.put(region + ".flink", jobs.url().toString());
        }
        files.writeSecrets();
        files.writePlatformFile(PlatformTemplate.read(layout.root().resolve("deploy/local/jobs.yaml"))
                .filled(gaps));
        Path data = directory.resolve("replicator");
        worker = new BenchWorker(
                url,
                files.platformFile(),
                data.resolve("data"),
                (name, words) -> BreakwaterServer.atFullSpeed(
                        layout, name, data, new BreakwaterServer.Command(words, HEAP, url.resolve("/connectors"))));
    }

    /** Returns when the job runs in the first region and the topics are mirrored; its savepoints are not yet. */
    void start(Progress progress) throws InterruptedException {
        for (KafkaServer cluster : kafka.values()) {
            cluster.launch();
        }
        for (KafkaServer cluster : kafka.values()) {
            cluster.awaitReady(progress);
        }
        for (FlinkServers cluster : flink.values()) {
            cluster.launch();
        }
        for (FlinkServers cluster : flink.values()) {
            cluster.awaitReady(progress);
        }
        try (Admin east = Admin.create(eastClient());
                Admin west = Admin.create(of(kafka, WEST).client(Principal.ADMIN))) {
            FilledTopic.create(east, FlightEvent.TOPIC, PARTITIONS);
            FilledTopic.create(east, OUTPUT, PARTITIONS);
            FilledTopic.create(west, Receipt.TOPIC, 1);
        }
        try (ObjectStore source = stores.connectSource()) {
            source.put(new ObjectUri(StorePair.BUCKET, "jars/flights-job.jar"), layout.flightsJob());
        }
        for (String region : List.of(EAST, WEST)) {
            jars.put(region, answered("upload the jar to " + region, upload(region)));
        }
        worker.start(progress);
        worker.run(TOPICS, worker.settingsOf(TOPICS));
        submit(EAST, Optional.empty());
    }

    Map<String, Object> eastClient() {
        return of(kafka, EAST).client(Principal.ADMIN);
    }

    /** From here on savepoints are taken and made restorable. */
    void startSavepoints() throws InterruptedException {
        worker.run(JOBS, worker.settingsOf(JOBS));
    }

    void stopSavepoints() throws InterruptedException {
        worker.stop(JOBS);
    }

    /** Where savepoints are taken: a folder each. */
    Path taken() {
        return stores.filesAtSource("breakwater-taken/" + GROUP + "/" + JOB);
    }

    /** Where they are restorable: a folder each, named for its snapshot. */
    Path restorable() {
        return stores.filesAtTarget("breakwater/" + GROUP + "/" + JOB);
    }

    /** The address of a folder in {@link #restorable}. */
    static String address(String snapshot) {
        return "s3://" + StorePair.BUCKET + "/breakwater/" + GROUP + "/" + JOB + "/" + snapshot;
    }

    FlinkRest rest(String region) {
        return new FlinkRest(of(flink, region).url(), LIMIT);
    }

    /** @return the job's id */
    String submit(String region, Optional<String> savepoint) throws InterruptedException {
        Platform platform = PlatformFile.load(files.platformFile());
        AssetSpec job = platform.group(GROUP).assets(AssetSpec.FLINK_JOB).get(0);
        Region site = platform.region(region);
        List<String> arguments = List.of(job.required("args")
                .replace("{bootstrap}", site.kafka().bootstrap())
                .replace("{region}", region)
                .split("\\s+"));
        Submission submission = new Submission(
                job.required("entryClass"),
                Integer.parseInt(job.required("parallelism")),
                arguments,
                savepoint,
                Optional.empty());
        return answered("start " + JOB + " in " + region, rest(region).run(of(jars, region), submission));
    }

    private RestAnswer<String> upload(String region) throws InterruptedException {
        try {
            return rest(region).upload(layout.flightsJob());
        } catch (FileNotFoundException e) {
            throw new ServerFailedException(e.getMessage() + ": build first, ./mvnw package -DskipTests");
        }
    }

    private static <T> T of(Map<String, T> regions, String region) {
        T found = regions.get(region);
        if (found == null) {
            throw new IllegalArgumentException("there is no region " + region + ", or it is not started");
        }
        return found;
    }

    private static <T> T answered(String what, RestAnswer<T> answer) {
        return answer.ifOk().orElseThrow(() -> new ServerFailedException(what + ": " + answer));
    }

    @Override
    public void close() {
        worker.close();
        flink.values().forEach(FlinkServers::close);
        kafka.values().forEach(KafkaServer::close);
    }
}
