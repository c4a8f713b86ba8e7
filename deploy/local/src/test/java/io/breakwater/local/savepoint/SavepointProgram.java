package io.breakwater.local.savepoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.process.ProgramRun;
import io.breakwater.replicator.flink.cli.SavepointCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** Runs {@code breakwater savepoint}: as the archive has it, or in this JVM, which costs much less time. */
enum SavepointProgram {
    OF_THE_ARCHIVE {
        @Override
        ProgramRun run(TwoClusters clusters, List<String> arguments) throws Exception {
            List<String> all = new ArrayList<>(List.of("savepoint"));
            all.addAll(arguments);
            return ProgramRun.of(clusters.directory(), Map.of(), clusters.launcher(), all.toArray(String[]::new));
        }
    },
    IN_THIS_JVM {
        @Override
        ProgramRun run(TwoClusters clusters, List<String> arguments) {
            StringWriter output = new StringWriter();
            int exitCode = new CommandLine(new SavepointCommand())
                    .setOut(new PrintWriter(output, true))
                    .setErr(new PrintWriter(output, true))
                    .execute(arguments.toArray(String[]::new));
            return new ProgramRun(exitCode, output.toString());
        }
    };

    abstract ProgramRun run(TwoClusters clusters, List<String> arguments) throws Exception;

    /** Requires that it does what it is told, with both places in the store of the clusters. */
    void done(TwoClusters clusters, List<String> command, String source, String target) throws Exception {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(source, target));
        for (String side : List.of("--source-", "--")) {
            all.addAll(List.of(side + "endpoint", clusters.store().endpoint().toString()));
            all.addAll(List.of(side + "access-key", clusters.accessKey()));
            all.addAll(List.of(side + "secret-key", clusters.secretKey()));
        }
        ProgramRun answer = run(clusters, all);
        assertThat(answer.exitCode()).as("%s: %s", all, answer.output()).isZero();
    }
}
