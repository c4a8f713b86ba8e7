package io.breakwater.local.bench;

import io.breakwater.local.Preflight;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerFailedException;
import io.breakwater.local.quickstart.Directories;
import io.breakwater.local.quickstart.FailoverRun;
import io.breakwater.local.quickstart.StoryFailedException;
import io.breakwater.local.server.ProjectLayout;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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

    @Parameters(paramLabel = "NAME", description = "the benchmark: failover")
    private String name = "";

    @Option(names = "--rounds", defaultValue = "3", description = "how often (${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--rate", defaultValue = "2000", description = "events a second (${DEFAULT-VALUE})")
    private int rate;

    @Option(names = "--seconds", defaultValue = "30", description = "of running before a kill (${DEFAULT-VALUE})")
    private int seconds;

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
                Duration.ofSeconds(seconds));
        List<Benchmark> known = List.of(new FailoverBenchmark(layout, settings));
        Optional<Benchmark> benchmark =
                known.stream().filter(b -> b.name().equals(name)).findFirst();
        if (benchmark.isEmpty()) {
            System.err.println("bench: no benchmark '" + name + "'; there are "
                    + known.stream().map(Benchmark::name).toList());
            return 2;
        }
        return run(benchmark.get(), directory);
    }

    private int run(Benchmark benchmark, Path directory) throws InterruptedException {
        Progress progress = Progress.to(System.err);
        Summary summary = new Summary(benchmark.name());
        for (int round = 1; round <= rounds; round++) {
            Directories.delete(directory);
            progress.line("round " + round + " of " + rounds);
            benchmark.round(progress).forEach(summary::add);
        }
        PrintStream out = System.out;
        summary.lines().forEach(out::println);
        return 0;
    }
}
