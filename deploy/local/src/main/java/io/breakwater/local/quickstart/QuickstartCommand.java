package io.breakwater.local.quickstart;

import io.breakwater.local.Preflight;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerFailedException;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.InvalidPlatformException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code deploy/local/quickstart}. */
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        description = {
            "Starts two regions and a witness, kills one region with kill -9, and shows what the failover kept.",
            "Exit code 0: every check held; 1: one did not, or something failed; 2: nothing was started."
        })
public final class QuickstartCommand implements Callable<Integer> {

    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int NOT_STARTED = 2;

    @Option(names = "--once", description = "end everything afterwards; without it, it runs on until Ctrl-C")
    private boolean once;

    @Option(names = "--rate", defaultValue = "2000", description = "events a second, 1 to 20000 (${DEFAULT-VALUE})")
    private int rate;

    @Option(
            names = "--seconds",
            defaultValue = "60",
            description = "how long it runs before the kill, 1 to 3600 (${DEFAULT-VALUE})")
    private int seconds;

    @Option(names = "--keep", description = "keep the servers' data; without it, only logs, journals and results stay")
    private boolean keep;

    @Option(names = "--port", description = "of west's page and API (a free one)")
    private Optional<Integer> port = Optional.empty();

    @Option(names = "--platform", description = "the platform file with gaps (deploy/local/platform.yaml)")
    private Optional<Path> template = Optional.empty();

    private final Progress progress = Progress.to(System.out);

    public static void main(String[] args) {
        System.exit(new CommandLine(new QuickstartCommand())
                .setExecutionExceptionHandler((e, line, parsed) -> failed(e))
                .execute(args));
    }

    private static int failed(Exception e) throws Exception {
        if (e instanceof InvalidPlatformException invalid) {
            invalid.wrong().forEach(line -> System.err.println("quickstart: " + line));
            return NOT_STARTED;
        }
        if (e instanceof ServerFailedException || e instanceof StoryFailedException) {
            System.err.println("quickstart: " + e.getMessage());
            return FAILED;
        }
        throw e;
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        ProjectLayout layout = ProjectLayout.find();
        Path directory = layout.target().resolve("quickstart");
        List<String> wrong = new ArrayList<>(Preflight.of(directory).wrong(directory, port));
        if (rate < 1 || rate > 20_000) {
            wrong.add("--rate " + rate + ": give 1 to 20000 events a second");
        }
        if (seconds < 1 || seconds > 3_600) {
            wrong.add("--seconds " + seconds + ": give 1 to 3600");
        }
        if (!wrong.isEmpty()) {
            wrong.forEach(line -> System.err.println("quickstart: " + line));
            return NOT_STARTED;
        }
        Files.createDirectories(layout.target());
        try (FileChannel file = FileChannel.open(
                        layout.target().resolve("quickstart.lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                FileLock lock = file.tryLock()) {
            if (lock == null) {
                System.err.println("quickstart: another one runs in this project; end it, or use another clone");
                return NOT_STARTED;
            }
            return run(layout, directory);
        }
    }

    private int run(ProjectLayout layout, Path directory) throws InterruptedException {
        Directories.delete(directory);
        FailoverRun.Settings settings = new FailoverRun.Settings(
                directory.resolve("platform"),
                template.orElseGet(() -> layout.root().resolve("deploy/local/platform.yaml")),
                port,
                rate,
                Duration.ofSeconds(seconds));
        boolean passed;
        try (FailoverRun run = new FailoverRun(layout, settings, progress)) {
            Story story = new Story(layout, directory, run, progress);
            story.begin();
            passed = story.loseTheRegion();
            if (!once) {
                run.tellAddresses();
                progress.line("everything runs on until Ctrl-C");
                new CountDownLatch(1).await();
            }
        }
        if (!keep) {
            settings.deleteData();
        }
        return passed ? DONE : FAILED;
    }
}
