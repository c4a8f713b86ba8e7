package io.breakwater.replicator.delta.cli;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.replicator.copy.CopyProgress;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.copy.cli.CopierOptions;
import io.breakwater.replicator.delta.MirrorPolicy;
import io.breakwater.replicator.delta.MirroredTable;
import io.breakwater.replicator.delta.TableMirror;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a table's mirror may do, and what it may use, as the command line says it. */
final class CarryingOptions {

    @Option(
            names = "--also-from",
            paramLabel = "BUCKET",
            description = "Files that the log names by absolute paths, as a shallow clone's does, are copied into the"
                    + " replica from these buckets too; without it from the source's own only.")
    private List<String> alsoFrom = List.of();

    @Option(
            names = "--seed-if-remade",
            description = "If the source was dropped and made again, moves the replica's old log aside and begins"
                    + " anew, instead of stopping.")
    private boolean seedIfRemade;

    @Option(
            names = "--delay",
            defaultValue = "PT0S",
            paramLabel = "DURATION",
            description = "The replica becomes a version only when the source's commit is older than this, as PT1H;"
                    + " its files are copied at once.")
    private Duration delay = Duration.ZERO;

    @Option(
            names = "--patience",
            defaultValue = "PT1M",
            paramLabel = "DURATION",
            description = "For how long a store or a file that does not come is asked for again: ${DEFAULT-VALUE}.")
    private Duration patience = Duration.ofMinutes(1);

    @Mixin
    private CopierOptions copier = new CopierOptions();

    Duration patience() {
        return patience;
    }

    ObjectCopier copier(TablePlace source, TablePlace target, CopyProgress progress) {
        return new ObjectCopier(source.store(), target.store(), copier.limits(target.scratch()), progress);
    }

    TableMirror mirror(TablePlace source, TablePlace target, ObjectCopier copier) {
        return new TableMirror(
                MirroredTable.of(
                        new AssetId(AssetSpec.DELTA_TABLE, target.url()),
                        Optional.empty(),
                        source.store(),
                        source.table(),
                        target.store(),
                        target.table(),
                        copier,
                        policy(source)),
                Clock.systemUTC());
    }

    private MirrorPolicy policy(TablePlace source) {
        Set<String> buckets = new HashSet<>(alsoFrom);
        buckets.add(source.table().bucket());
        MirrorPolicy careful = MirrorPolicy.careful();
        return new MirrorPolicy(
                buckets,
                seedIfRemade ? MirrorPolicy.Remade.SEED : careful.remade(),
                careful.vacuum(),
                careful.keep(),
                delay);
    }
}
