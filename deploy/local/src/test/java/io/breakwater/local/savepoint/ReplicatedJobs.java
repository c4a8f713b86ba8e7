package io.breakwater.local.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.BreakwaterServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.Json;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import io.breakwater.region.ConnectRest;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Submission;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Jobs of {@code LargeStateJob} with exactly-once sinks on east, and the replicator of west that carries all of it. */
final class ReplicatedJobs implements AutoCloseable {

    private static final List<String> CONNECTORS =
            List.of("flights.kafka-topic.east-west", "flights.kafka-receipts.east-west", "flights.flink-job.east-west");
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final Progress PROGRESS = Progress.to(System.out);

    private final TwoClusters clusters;
    private final Platform platform;
    private final ConnectRest connect;
    private final BreakwaterServer replicator;

    /**
     * @param clusters started
     * @param jobs by name, the job's output and its other settings in the platform file
     */
    ReplicatedJobs(TwoClusters clusters, Map<String, Map<String, Object>> jobs) throws IOException {
        this.clusters = clusters;
        URI url = URI.create("http://127.0.0.1:" + FreePorts.next());
        Path file = clusters.directory().resolve("replicated.yaml");
        ObjectNode tree = (ObjectNode) Json.MAPPER.readTree(Files.readString(clusters.platformFile()));
        for (String region : List.of("east", "west")) {
            ObjectNode site = (ObjectNode) tree.path("regions").path(region);
            ((ObjectNode) site.path("kafka"))
                    .set("worker", Json.MAPPER.valueToTree(Principal.CONNECT.clientSettings()));
            ((ObjectNode) site.path("connect"))
                    .put("url", region.equals("west") ? url.toString() : "http://127.0.0.1:3");
        }
        ArrayNode assets = (ArrayNode) tree.path("groups").path("flights").path("assets");
        assets.remove(1);
        jobs.forEach((name, settings) -> assets.add(Json.MAPPER.valueToTree(job(name, settings))));
        Files.writeString(file, tree.toString());
        platform = PlatformFile.load(file);
        connect = new ConnectRest(url);
        replicator = BreakwaterServer.in(
                ProjectLayout.find(),
                "replicator-west",
                clusters.directory().resolve("replicator"),
                new BreakwaterServer.Command(
                        List.of(
                                "replicator",
                                "--platform",
                                file.toString(),
                                "--region",
                                "west",
                                "--data",
                                clusters.directory().resolve("replicator/data").toString()),
                        "384m",
                        url.resolve("/connectors")));
    }

    Platform platform() {
        return platform;
    }

    private Map<String, Object> job(String name, Map<String, Object> others) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("kind", "flink-job");
        settings.put("name", name);
        settings.put("jar", "s3://{flink}/jars/job.jar");
        settings.put("entryClass", "io.breakwater.local.job.LargeStateJob");
        settings.put("parallelism", 2);
        settings.put(
                "args",
                "--bootstrap {bootstrap} --client-config "
                        + clusters.directory().resolve("pipeline.properties") + " --bytes 16 --name " + name
                        + " --output " + others.get("outputs")
                        + " --delivery exactly-once --transactional-id-prefix " + name + "-{region}-{epoch}");
        settings.put("snapshot", Map.of("every", "PT10S"));
        settings.put("sink", "drop-with-new-prefix");
        settings.putAll(others);
        return settings;
    }

    /** The jobs run on east, and the flow to west. */
    void start(FlinkRest flink) throws Exception {
        replicator.start(PROGRESS);
        for (String connector : CONNECTORS) {
            await().atMost(SOON)
                    .until(() ->
                            connect.connectors().ifOk().orElse(new TreeSet<>()).contains(connector)
                                    && connect.status(connector)
                                            .ifOk()
                                            .filter(status -> status.state().equals("STOPPED"))
                                            .isPresent());
            assertThat(connect.resume(connector).ifOk()).as(connector).isPresent();
        }
        String jar = flink.upload(clusters.jar()).ifOk().orElseThrow();
        for (var asset : platform.group("flights").assets("flink-job")) {
            String arguments = asset.required("args")
                    .replace("{bootstrap}", clusters.east().bootstrap())
                    .replace("{region}", "east")
                    .replace("{epoch}", "1");
            Submission submission =
                    Submission.fresh("io.breakwater.local.job.LargeStateJob", 2, Arrays.asList(arguments.split(" ")));
            assertThat(flink.run(jar, submission).ifOk()).isPresent();
        }
    }

    /** As a fence would: nothing is written on west from now on. */
    void stopFlow() throws InterruptedException {
        for (String connector : CONNECTORS) {
            connect.stop(connector);
        }
        for (String connector : CONNECTORS) {
            await().atMost(SOON)
                    .until(() -> connect.status(connector)
                            .ifOk()
                            .filter(status -> status.state().equals("STOPPED")
                                    && status.tasks().isEmpty())
                            .isPresent());
        }
    }

    @Override
    public void close() {
        replicator.close();
    }
}
