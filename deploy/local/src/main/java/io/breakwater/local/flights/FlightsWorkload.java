package io.breakwater.local.flights;

import io.breakwater.local.journal.Entry;
import io.breakwater.local.journal.JournalWriter;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import io.breakwater.platform.ProtectionGroup;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The workload's process: producer, consumer group, table writer and a watch on the job, each on a thread of its own,
 * until SIGTERM. Exit code 0 after an orderly end, 1 after a part failed, 2 for wrong arguments or a wrong file.
 */
@Command(name = "flights-workload", description = "Flights through topic, consumer group and table.")
public final class FlightsWorkload implements Callable<Integer> {

    private static final Duration FLUSH_EVERY = Duration.ofMillis(200);
    private static final Duration REPORT_EVERY = Duration.ofSeconds(5);
    private static final Duration END_WITHIN = Duration.ofSeconds(15);

    @Option(names = "--platform", required = true, description = "the platform file")
    private Path platformFile = Path.of("");

    @Option(names = "--group", defaultValue = "flights", description = "the protection group (${DEFAULT-VALUE})")
    private String groupName = "flights";

    @Option(names = "--journal", required = true, description = "the folder for the journals")
    private Path journalFolder = Path.of("");

    @Option(names = "--app-config", required = true, description = "Kafka client properties of ordinary clients")
    private Path appConfig = Path.of("");

    @Option(names = "--pipeline-config", required = true, description = "Kafka client properties of the table writer")
    private Path pipelineConfig = Path.of("");

    @Option(names = "--rate", defaultValue = "2000", description = "events a second (${DEFAULT-VALUE})")
    private int rate;

    @Option(names = "--region", description = "stay in this region instead of asking the controllers for the route")
    private Optional<String> fixedRegion = Optional.empty();

    private final Stop stop = new Stop();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final PrintStream out = System.out;

    public static void main(String[] args) {
        System.exit(new CommandLine(new FlightsWorkload())
                .setExecutionExceptionHandler((e, line, result) -> {
                    line.getErr().println(e.getMessage());
                    return e instanceof InvalidPlatformException ? 2 : 1;
                })
                .execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Platform platform = PlatformFile.load(platformFile);
        if (rate < 1 || rate > 100_000) {
            throw new InvalidPlatformException(List.of("--rate " + rate + ": expected 1 to 100000 events a second"));
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopAndAwait, "stop"));
        try {
            return work(platform);
        } finally {
            ended.countDown();
        }
    }

    private int work(Platform platform) throws IOException, InterruptedException {
        try (JournalWriter journal = new JournalWriter(journalFolder)) {
            List<Thread> threads = parts(platform, journal);
            List<Throwable> failures = new ArrayList<>();
            for (Thread thread : threads) {
                thread.setUncaughtExceptionHandler((t, e) -> {
                    synchronized (failures) {
                        failures.add(e);
                    }
                    stop.give();
                });
                thread.start();
            }
            reportUntilStopped(journal);
            for (Thread thread : threads) {
                thread.join(END_WITHIN.toMillis());
            }
            report(journal);
            synchronized (failures) {
                failures.forEach(e -> e.printStackTrace(out));
                return failures.isEmpty() ? 0 : 1;
            }
        }
    }

    private List<Thread> parts(Platform platform, JournalWriter journal) throws IOException {
        ProtectionGroup group = platform.group(groupName);
        Map<String, String> app = properties(appConfig);
        Map<String, String> pipeline = properties(pipelineConfig);
        List<Thread> threads = new ArrayList<>();
        RouteSource routes = routes(platform, threads);
        threads.add(part("producer", routes, true, new FlightProducer(app, rate, journal, stop)));
        threads.add(part("processor", routes, true, new FlightProcessor(app, journal, stop)));
        for (AssetSpec table : group.assets("delta-table")) {
            FlightArchiver.Target target = new FlightArchiver.Target(
                    platform.regions(), group.home(), table.required("path"), table.required("writer"));
            threads.add(part("archiver", routes, false, new FlightArchiver(pipeline, target, journal, stop)));
        }
        for (AssetSpec job : group.assets("flink-job")) {
            JobWatch watch = new JobWatch(platform.regions(), job.required("name"), journal, stop);
            threads.add(new Thread(watch, "job-watch"));
        }
        threads.forEach(thread -> thread.setDaemon(true));
        return threads;
    }

    private RouteSource routes(Platform platform, List<Thread> threads) {
        if (fixedRegion.isPresent()) {
            String region = fixedRegion.get();
            Route route =
                    new Route(region, 1, true, platform.region(region).kafka().bootstrap());
            return () -> Optional.of(route);
        }
        ControllerRoutes asked = new ControllerRoutes(platform.nodes(), groupName, stop);
        threads.add(new Thread(asked, "route"));
        return asked;
    }

    private Thread part(String name, RouteSource routes, boolean onlyServing, RouteFollower.Session session) {
        return new Thread(new RouteFollower(name, routes, onlyServing, session, stop, out), name);
    }

    private void reportUntilStopped(JournalWriter journal) {
        long reported = System.nanoTime();
        while (!stop.waitFor(FLUSH_EVERY)) {
            journal.flush();
            if (System.nanoTime() - reported > REPORT_EVERY.toNanos()) {
                report(journal);
                reported = System.nanoTime();
            }
        }
    }

    private void report(JournalWriter journal) {
        out.printf(
                "acknowledged %,d, processed %,d, table commits %,d%n",
                journal.count(Entry.Kind.ACKNOWLEDGED),
                journal.count(Entry.Kind.PROCESSED),
                journal.count(Entry.Kind.TABLE_COMMIT));
    }

    /** Runs in the JVM's shutdown, which main itself can't get past: so it is not main's end that is awaited. */
    private void stopAndAwait() {
        stop.give();
        try {
            if (!ended.await(2 * END_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                out.println("ended before all parts had: the journals may be incomplete");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, String> properties(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(in);
        }
        return properties.stringPropertyNames().stream()
                .collect(Collectors.toMap(name -> name, properties::getProperty));
    }
}
