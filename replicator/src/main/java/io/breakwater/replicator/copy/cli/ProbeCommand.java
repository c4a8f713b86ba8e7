package io.breakwater.replicator.copy.cli;

import io.breakwater.region.ObjectUri;
import io.breakwater.region.StoreProbe;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code breakwater objects probe}: what a store can, and the settings that follow. */
@Command(
        name = "probe",
        mixinStandardHelpOptions = true,
        description = {
            "Finds out how a store is to be spoken to: writes small objects below a prefix, removes them, says what it"
                    + " found, and prints the dialect that belongs to the store in the platform file.",
            "Exit code 0: it can be a target; 1: it cannot; 2: it does not answer."
        })
final class ProbeCommand implements Callable<Integer> {

    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(paramLabel = "PLACE", description = "s3://bucket/prefix of the store, below which it may write")
    private String place = "";

    @Mixin
    private StoreOptions stores = new StoreOptions();

    @Override
    public Integer call() {
        StoreProbe.Report report = StoreProbe.probe(stores.target(), ObjectUri.parse(place), TIMEOUT);
        PrintWriter out = spec.commandLine().getOut();
        report.findings().forEach(finding -> out.println((finding.holds() ? "yes  " : "no   ") + finding.text()));
        out.println();
        report.settings().forEach(out::println);
        out.flush();
        return report.usable() ? 0 : 1;
    }
}
