package io.breakwater.local.server;

import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Launch;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerProcess;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A Flink session cluster: JobManager and one TaskManager with RocksDB, snapshots in an S3 bucket. */
public final class FlinkServers implements Server {

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final int OK = 200;
    private static final int FEWEST_SLOTS = 4;

    private final int slots;
    private final Map<String, String> settings;
    private final Path directory;
    private final S3Server store;
    private final String bucket;
    private final int restPort = FreePorts.next();
    private final int jobManagerPort = FreePorts.next();
    private final int taskManagerPort = FreePorts.next();
    private final String name;
    private final ServerProcess jobManager;
    private final ServerProcess taskManager;

    private FlinkServers(
            ProjectLayout layout,
            String name,
            Path directory,
            S3Server store,
            String bucket,
            int slots,
            Map<String, String> settings) {
        this.slots = slots;
        this.settings = Map.copyOf(settings);
        this.name = name;
        this.directory = directory;
        this.store = store;
        this.bucket = bucket;
        Map<String, String> environment =
                Map.of("FLINK_PLUGINS_DIR", layout.flinkPlugins().toString());
        String classPath = layout.classPath("flink");
        this.jobManager = new ServerProcess(Launch.java(
                        name + "-jobmanager",
                        classPath,
                        options(limit("-Xmx", 320, 16), limit("-XX:MaxMetaspaceSize=", 224, 24)),
                        List.of(
                                "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
                                "--configDir",
                                directory.toString(),
                                "--executionMode",
                                "cluster"),
                        directory,
                        directory.resolve(name + "-jobmanager.log"))
                .withEnvironment(environment));
        this.taskManager = ServerProcess.supervised(Launch.java(
                        name + "-taskmanager",
                        classPath,
                        options(
                                limit("-Xmx", 384, 16),
                                limit("-XX:MaxDirectMemorySize=", 224, 8),
                                limit("-XX:MaxMetaspaceSize=", 224, 24)),
                        List.of(
                                "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
                                "--configDir",
                                directory.toString()),
                        directory,
                        directory.resolve(name + "-taskmanager.log"))
                .withEnvironment(environment));
    }

    /**
     * @param directory for its configuration and logs
     * @param bucket of the store, for checkpoints and savepoints
     */
    public static FlinkServers in(ProjectLayout layout, String name, Path directory, S3Server store, String bucket) {
        return new FlinkServers(layout, name, directory, store, bucket, FEWEST_SLOTS, Map.of());
    }

    /**
     * As above, for more than one job at a time.
     *
     * @param slots from 4 on; each takes up to 100 MB of memory more
     */
    public static FlinkServers in(
            ProjectLayout layout, String name, Path directory, S3Server store, String bucket, int slots) {
        return new FlinkServers(layout, name, directory, store, bucket, slots, Map.of());
    }

    /**
     * As above.
     *
     * @param settings of Flink's own, beside those that each cluster has
     */
    public static FlinkServers in(
            ProjectLayout layout,
            String name,
            Path directory,
            S3Server store,
            String bucket,
            int slots,
            Map<String, String> settings) {
        return new FlinkServers(layout, name, directory, store, bucket, slots, settings);
    }

    /** @param least for the fewest slots, in MiB; {@code more} for each further one */
    private String limit(String setting, int least, int more) {
        return setting + (least + more * (slots - FEWEST_SLOTS)) + "m";
    }

    private List<String> options(String... memory) {
        Stream<String> fixed = ServerFiles.resource("flink-jvm-options").lines();
        String logging = "-Dlog4j2.configurationFile=" + directory.resolve("log4j2.properties");
        return Stream.of(Stream.of(memory), fixed, Stream.of(logging))
                .flatMap(part -> part)
                .toList();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ServerProcess> processes() {
        return List.of(jobManager, taskManager);
    }

    public ServerProcess taskManager() {
        return taskManager;
    }

    /** Base address of its REST API. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + restPort);
    }

    @Override
    public void launch() {
        ServerFiles.write(directory.resolve("config.yaml"), configuration());
        ServerFiles.write(directory.resolve("log4j2.properties"), ServerFiles.resource("log4j2-server.properties"));
        jobManager.launch();
        taskManager.launch();
    }

    @Override
    public void awaitReady(Progress progress) throws InterruptedException {
        HttpProbe serves = new HttpProbe(url().resolve("/overview"), response -> response.statusCode() == OK);
        jobManager.awaitReady(serves, START_LIMIT, progress);
        HttpProbe registered = new HttpProbe(
                url().resolve("/overview"), response -> response.body().contains("\"slots-total\":" + slots + ","));
        taskManager.awaitReady(registered, START_LIMIT, progress);
    }

    private String configuration() {
        return ServerFiles.resource("flink.yaml")
                + "taskmanager.numberOfTaskSlots: " + slots + "\n"
                + limit("jobmanager.memory.heap.size: ", 320, 16) + "\n"
                + limit("taskmanager.memory.task.heap.size: ", 288, 16) + "\n"
                + limit("taskmanager.memory.network.min: ", 32, 4) + "\n"
                + limit("taskmanager.memory.network.max: ", 32, 4) + "\n"
                + limit("taskmanager.memory.managed.size: ", 96, 24) + "\n"
                + limit("taskmanager.memory.jvm-metaspace.size: ", 224, 24) + "\n"
                + "jobmanager.rpc.port: " + jobManagerPort + "\n"
                + "rest.port: " + restPort + "\n"
                + "rest.bind-port: " + restPort + "\n"
                + "taskmanager.rpc.port: " + taskManagerPort + "\n"
                + "io.tmp.dirs: " + directory.resolve("tmp") + "\n"
                + "execution.checkpointing.dir: s3://" + bucket + "/checkpoints\n"
                + "execution.checkpointing.savepoint-dir: s3://" + bucket + "/savepoints\n"
                + "state.changelog.dstl.dfs.base-path: s3://" + bucket + "/changelog\n"
                + "s3.endpoint: " + store.endpoint() + "\n"
                + "s3.access-key: " + S3Server.ACCESS_KEY + "\n"
                + "s3.secret-key: " + S3Server.SECRET_KEY + "\n"
                + "fs.s3a.endpoint.region: " + S3Server.SIGNING_REGION + "\n"
                + settings.entrySet().stream()
                        .map(setting -> setting.getKey() + ": " + setting.getValue() + "\n")
                        .collect(Collectors.joining());
    }
}
