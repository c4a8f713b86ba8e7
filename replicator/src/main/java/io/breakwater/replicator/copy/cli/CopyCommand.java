package io.breakwater.replicator.copy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.CopyOutcome;
import io.breakwater.replicator.copy.CopyProgress;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.copy.PrefixCopy;
import io.breakwater.replicator.copy.PrefixCopy.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code breakwater objects copy}: all objects below a prefix, compared on arrival. */
@Command(
        name = "copy",
        mixinStandardHelpOptions = true,
        description = {
            "Copies all objects below a prefix to another store, each compared on arrival. Asked for again after an"
                    + " interruption, it goes on where it was. What stands at the target and differs stays, and is told.",
            "Exit code 0: all objects are there; 1: some are not; 2: nothing was done."
        })
final class CopyCommand implements Callable<Integer> {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final double MILLION = 1e6;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "SOURCE", description = "s3://bucket/prefix")
    private @Nullable String source;

    @Parameters(index = "1", arity = "0..1", paramLabel = "TARGET", description = "s3://bucket/prefix")
    private @Nullable String target;

    @Option(
            names = "--from-input",
            description = "Copies what standard input names, one line 'SOURCE TARGET' after the other, until it ends.")
    private boolean fromInput;

    @Option(
            names = "--abort-uploads-older-than",
            paramLabel = "DURATION",
            description = "First removes the parts of uploads below TARGET that were begun so long ago, as P7D.")
    private @Nullable Duration abandoned;

    @Option(names = "--json", description = "A JSON object for each SOURCE, for programs.")
    private boolean json;

    @Mixin
    private CopierOptions copierOptions = new CopierOptions();

    @Mixin
    private StoreOptions stores = new StoreOptions();

    @Override
    public Integer call() throws InterruptedException, IOException {
        CopyLimits limits = copierOptions.limits(Path.of(System.getProperty("java.io.tmpdir")));
        try (ObjectStore from = S3ObjectStore.connect(stores.source(), TIMEOUT);
                ObjectStore to = S3ObjectStore.connect(stores.target(), TIMEOUT);
                ObjectCopier copier = new ObjectCopier(from, to, limits)) {
            PrefixCopy copy = new PrefixCopy(from, to, copier);
            if (fromInput) {
                return fromInput(copy, copier);
            }
            if (source == null || target == null) {
                throw new ParameterException(spec.commandLine(), "SOURCE and TARGET are needed, or --from-input");
            }
            return copy(copy, copier, ObjectUri.parse(source), ObjectUri.parse(target));
        }
    }

    private int fromInput(PrefixCopy copy, ObjectCopier copier) throws IOException, InterruptedException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        int worst = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length != 2) {
                throw new ParameterException(spec.commandLine(), "'" + line + "': expected SOURCE TARGET");
            }
            worst = Math.max(worst, copy(copy, copier, ObjectUri.parse(words[0]), ObjectUri.parse(words[1])));
        }
        return worst;
    }

    private int copy(PrefixCopy copy, ObjectCopier copier, ObjectUri from, ObjectUri to) throws InterruptedException {
        if (abandoned != null) {
            copier.abortAbandoned(to, Clock.systemUTC().instant().minus(abandoned));
        }
        CopyProgress progress = new CopyProgress();
        List<Result> results;
        ProgressLine line = json ? ProgressLine.silent() : ProgressLine.of(progress);
        try {
            results = copy.copy(from, to, progress);
        } finally {
            line.close();
        }
        CopyProgress.Now now = progress.now();
        List<Result> failed = results.stream()
                .filter(result -> !(result.outcome() instanceof CopyOutcome.Arrived))
                .toList();
        long copied = results.stream()
                .filter(result -> result.outcome() instanceof CopyOutcome.Copied)
                .count();
        double seconds = now.since().toNanos() / 1e9;
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode answer = Json.MAPPER
                    .createObjectNode()
                    .put("source", from.toString())
                    .put("target", to.toString())
                    .put("objects", results.size())
                    .put("copied", copied)
                    .put("bytes", now.bytes())
                    .put("seconds", seconds)
                    .put("mb_per_s", now.bytesPerSecond() / MILLION);
            ArrayNode list = answer.putArray("failed");
            failed.forEach(result -> list.addObject()
                    .put("object", result.job().from().toString())
                    .put("reason", result.outcome().toString()));
            out.println(answer);
        } else {
            failed.forEach(result -> out.println(result.job().from() + ": " + result.outcome()));
            out.printf(
                    "%d objects, %d copied, %d not; %.1f MB at %.1f MB/s%n",
                    results.size(), copied, failed.size(), now.bytesDone() / MILLION, now.bytesPerSecond() / MILLION);
        }
        out.flush();
        return failed.isEmpty() ? 0 : 1;
    }
}
