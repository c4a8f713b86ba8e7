package io.breakwater.replicator.app;

import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import io.breakwater.platform.Receipt;
import io.breakwater.region.ConnectRest;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.KafkaSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.connect.cli.ConnectDistributed;
import org.apache.kafka.connect.runtime.Connect;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the replicator of one region: a Connect worker with the flows into that region. Ends on SIGTERM. */
@Command(
        name = "replicator",
        mixinStandardHelpOptions = true,
        description =
                "Runs the flows into one region: a Kafka Connect worker with the connectors of the platform file.")
public final class ReplicatorCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicatorCommand.class);
    private static final Duration KAFKA_LIMIT = Duration.ofSeconds(60);
    private static final Duration RECEIPTS_KEPT = Duration.ofDays(1);

    @Option(names = "--platform", required = true, paramLabel = "FILE", description = "the platform file")
    private Path platformFile = Path.of("");

    @Option(names = "--region", required = true, paramLabel = "NAME", description = "the region that receives")
    private String region = "";

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "a directory of this replicator's own, created if it is not there")
    private Path data = Path.of("");

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new ReplicatorCommand()).setExecutionExceptionHandler((e, command, parsed) -> {
            if (e instanceof InvalidPlatformException || e instanceof CannotStartException) {
                command.getErr().println("breakwater replicator: " + e.getMessage());
                return command.getCommandSpec().exitCodeOnInvalidInput();
            }
            throw e;
        });
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        Platform platform = PlatformFile.load(platformFile);
        Map<String, String> settings = WorkerSettings.of(platform, region);
        SortedMap<String, Map<String, String>> connectors = FlowConnectors.into(region, platform, platformFile);
        if (connectors.isEmpty()) {
            throw new InvalidPlatformException(
                    List.of(platformFile + ": no group has region '" + region + "' as home or standby"));
        }
        URI url = platform.region(region).connect().url();
        Files.createDirectories(data);
        try (FileChannel file = FileChannel.open(
                        data.resolve("replicator.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = locked(file)) {
            requireFree(url);
            createReceiptsTopic(platform);
            Connect<?> connect = new ConnectDistributed().startConnect(settings);
            Thread reconciler = new Thread(new Reconciler(new ConnectRest(url), connectors), "reconciler");
            reconciler.setDaemon(true);
            reconciler.start();
            LOG.info("region={} worker listens at {} lock={}", region, url, lock.isValid());
            connect.herderTask().get();
            connect.awaitStop();
            return CommandLine.ExitCode.OK;
        } catch (ExecutionException e) {
            LOG.error("region={} the Connect worker ended", region, e.getCause());
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private FileLock locked(FileChannel file) throws IOException {
        return Optional.ofNullable(file.tryLock())
                .orElseThrow(() -> new CannotStartException(
                        "--data " + data + " belongs to a replicator that is running; end it or give another one"));
    }

    private static void requireFree(URI url) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(url.getHost(), url.getPort()));
        } catch (IOException e) {
            throw new CannotStartException("cannot listen at " + url + ": " + e.getMessage()
                    + "; end what listens there, or set another regions.X.connect.url");
        }
    }

    /** Also the proof that the region's Kafka answers before Connect is started. */
    private void createReceiptsTopic(Platform platform) throws InterruptedException {
        NewTopic topic = new NewTopic(Receipt.TOPIC, Optional.of(1), Optional.empty())
                .configs(Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_DELETE,
                        TopicConfig.RETENTION_MS_CONFIG,
                        String.valueOf(RECEIPTS_KEPT.toMillis())));
        long began = System.nanoTime();
        try (Admin admin =
                Admin.create(KafkaSettings.worker(platform.region(region).kafka()))) {
            while (true) {
                try {
                    KafkaAnswer.await(admin.createTopics(List.of(topic)).all(), "create topic " + Receipt.TOPIC);
                    return;
                } catch (TopicExistsException e) {
                    LOG.debug("region={} topic {} is there", region, Receipt.TOPIC);
                    return;
                } catch (KafkaException e) {
                    if (System.nanoTime() - began > KAFKA_LIMIT.toNanos()) {
                        throw new CannotStartException("region " + region + "'s Kafka at "
                                + platform.region(region).kafka().bootstrap() + " did not create topic "
                                + Receipt.TOPIC + " in " + KAFKA_LIMIT.toSeconds() + " s: " + e.getMessage());
                    }
                    Thread.sleep(1000);
                }
            }
        }
    }

    private static final class CannotStartException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        CannotStartException(String message) {
            super(message);
        }
    }
}
