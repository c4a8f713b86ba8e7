package io.breakwater.local.bench;

import io.breakwater.local.Preflight;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerFailedException;
import io.breakwater.local.quickstart.FailoverRun;
import io.breakwater.local.quickstart.StoryFailedException;
import io.breakwater.local.server.ProjectLayout;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code deploy/local/bench}: results on stdout, progress on stderr. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Runs a benchmark in rounds and prints one JSON object a line.")
public final class BenchCommand implements Callable<Integer> {

    @Parameters(paramLabel = "NAME", description = "the benchmark: failover, kafka, delta or flink")
    private String name = "";

    @Option(names = "--rounds", defaultValue = "3", description = "how often (${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--rate", defaultValue = "2000", description = "events a second (${DEFAULT-VALUE})")
    private int rate;

    @Option(
            names = "--seconds",
            description = "of running before a kill (30), at a steady rate (15), or of savepoints (60)")
    private Optional<Integer> seconds = Optional.empty();

    @Option(names = "--records", defaultValue = "400000", description = "of 1 KB, kafka only (${DEFAULT-VALUE})")
    private int records;

    @Option(
            names = "--case",
            paramLabel = "CASE",
            description = "only this one; may be given several times, delta only")
    private List<String> cases = List.of();

    public static void main(String[] args) {
        System.exit(new CommandLine(new BenchCommand())
                .setExecutionExceptionHandler((e, line, result) -> {
                    boolean told = e instanceof ServerFailedException || e instanceof StoryFailedException;
                    line.getErr().println("bench: " + (told ? e.getMessage() : e));
                    return 1;
                })
                .execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        ProjectLayout layout = ProjectLayout.find();
        Path directory = layout.target().resolve("bench");
        if (rounds < 1 || rate < 1 || seconds.orElse(1) < 1 || records < KafkaBenchmark.FEWEST_RECORDS) {
            System.err.println("bench: --rounds, --rate and --seconds take 1 or more, --records takes "
                    + KafkaBenchmark.FEWEST_RECORDS + " or more");
            return 2;
        }
        if (!DeltaBenchmark.cases().containsAll(cases)) {
            System.err.println("bench: --case takes one of " + DeltaBenchmark.cases());
            return 2;
        }
        List<String> wrong = Preflight.of(directory).wrong(directory, Optional.empty());
        if (!wrong.isEmpty()) {
            wrong.forEach(line -> System.err.println("bench: " + line));
            return 2;
        }
        FailoverRun.Settings settings = new FailoverRun.Settings(
                directory,
                layout.root().resolve("deploy/local/platform.yaml"),
                Optional.empty(),
                rate,
                Duration.ofSeconds(seconds.orElse(30)));
        KafkaBenchmark.Settings kafka =
                new KafkaBenchmark.Settings(directory, records, rate, Duration.ofSeconds(seconds.orElse(15)));
        List<Benchmark> known = List.of(
                new FailoverBenchmark(layout, settings),
                new KafkaBenchmark(layout, kafka),
                new DeltaBenchmark(
                        layout,
                        new DeltaBenchmark.Settings(
                                directory,
                                Set.copyOf(cases.isEmpty() ? DeltaBenchmark.cases() : cases),
                                Duration.ofSeconds(seconds.orElse(15)))),
                new FlinkBenchmark(
                        layout, new FlinkBenchmark.Settings(directory, rate, Duration.ofSeconds(seconds.orElse(60)))));
        Optional<Benchmark> benchmark =
                known.stream().filter(b -> b.name().equals(name)).findFirst();
        if (benchmark.isEmpty()) {
            System.err.println("bench: no benchmark '" + name + "'; there are "
                    + known.stream().map(Benchmark::name).toList());
            return 2;
        }
        try (Benchmark running = benchmark.get()) {
            return run(running);
        }
    }

    private int run(Benchmark benchmark) throws InterruptedException {
        Progress progress = Progress.to(System.err);
        Summary summary = new Summary(benchmark.name());
        for (int round = 1; round <= rounds; round++) {
            progress.line("round " + round + " of " + rounds);
            benchmark.round(progress).forEach(summary::add);
        }
        PrintStream out = System.out;
        summary.lines().forEach(out::println);
        benchmark.comparisons().stream().map(summary::line).forEach(out::println);
        benchmark.conclusions().forEach(out::println);
        return 0;
    }
}
