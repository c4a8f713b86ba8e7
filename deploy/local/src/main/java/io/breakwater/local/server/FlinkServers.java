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
import java.util.stream.Stream;

/** A Flink session cluster: JobManager and one TaskManager with RocksDB, snapshots in an S3 bucket. */
public final class FlinkServers implements Server {

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final int OK = 200;

    private final Path directory;
    private final S3Server store;
    private final String bucket;
    private final int restPort = FreePorts.next();
    private final int jobManagerPort = FreePorts.next();
    private final int taskManagerPort = FreePorts.next();
    private final String name;
    private final ServerProcess jobManager;
    private final ServerProcess taskManager;

    private FlinkServers(ProjectLayout layout, String name, Path directory, S3Server store, String bucket) {
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
                        options("-Xmx320m", "-XX:MaxMetaspaceSize=224m"),
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
                        options("-Xmx384m", "-XX:MaxDirectMemorySize=224m", "-XX:MaxMetaspaceSize=224m"),
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
        return new FlinkServers(layout, name, directory, store, bucket);
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
                url().resolve("/overview"), response -> response.body().contains("\"slots-total\":4"));
        taskManager.awaitReady(registered, START_LIMIT, progress);
    }

    private String configuration() {
        return ServerFiles.resource("flink.yaml")
                + "jobmanager.rpc.port: " + jobManagerPort + "\n"
                + "rest.port: " + restPort + "\n"
                + "rest.bind-port: " + restPort + "\n"
                + "taskmanager.rpc.port: " + taskManagerPort + "\n"
                + "io.tmp.dirs: " + directory.resolve("tmp") + "\n"
                + "execution.checkpointing.dir: s3://" + bucket + "/checkpoints\n"
                + "execution.checkpointing.savepoint-dir: s3://" + bucket + "/savepoints\n"
                + "s3.endpoint: " + store.endpoint() + "\n"
                + "s3.access-key: " + S3Server.ACCESS_KEY + "\n"
                + "s3.secret-key: " + S3Server.SECRET_KEY + "\n"
                + "fs.s3a.endpoint.region: " + S3Server.SIGNING_REGION + "\n";
    }
}
