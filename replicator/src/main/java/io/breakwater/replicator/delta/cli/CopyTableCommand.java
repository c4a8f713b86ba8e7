package io.breakwater.replicator.delta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.replicator.copy.CopyProgress;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.copy.cli.ProgressLine;
import io.breakwater.replicator.delta.TableMirror;
import java.io.PrintWriter;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code breakwater table copy}: brings a replica to the source's newest version. */
@Command(
        name = "copy",
        mixinStandardHelpOptions = true,
        description = {
            "Copies a table with its log, or brings a copy up to date: data files first, compared on arrival, then"
                    + " commit after commit. At every moment the copy reads as one of the source's versions. Asked for"
                    + " again after an interruption, it goes on where it was.",
            TableCommand.EXIT_CODES
        })
final class CopyTableCommand implements Callable<Integer> {

    private static final double MILLION = 1e6;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private TablePair tables = new TablePair();

    @Mixin
    private CarryingOptions carrying = new CarryingOptions();

    @Option(names = "--json", description = "One JSON object at the end, for programs.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        CopyProgress progress = new CopyProgress();
        try (TablePlace source = tables.source();
                TablePlace target = tables.target();
                ObjectCopier copier = carrying.copier(source, target, progress)) {
            AtomicInteger versions = new AtomicInteger();
            TableMirror mirror = carrying.mirror(source, target, copier);
            TableCarriage carriage =
                    new TableCarriage(mirror, carrying.patience(), version -> versions.incrementAndGet());
            OptionalLong goal = source.log().newestVersion();
            if (goal.isEmpty() && target.log().newestVersion().isEmpty()) {
                return say(
                        source,
                        target,
                        new TableCarriage.End.Stopped("no Delta table at " + source.url()),
                        0,
                        progress);
            }
            ProgressLine line = json
                    ? ProgressLine.silent()
                    : ProgressLine.of(
                            progress, () -> "version " + carriage.position() + " of " + goal.orElse(-1) + ", ");
            TableCarriage.End end;
            try {
                end = carriage.upTo(goal.orElse(Long.MAX_VALUE));
            } finally {
                line.close();
            }
            mirror.heldBack().ifPresent(held -> spec.commandLine().getErr().println(held));
            mirror.alarms()
                    .forEach(alarm ->
                            spec.commandLine().getErr().println(target.readable(source.readable(alarm.message()))));
            return say(source, target, end, versions.get(), progress);
        }
    }

    private int say(TablePlace source, TablePlace target, TableCarriage.End end, int versions, CopyProgress progress) {
        CopyProgress.Now now = progress.now();
        ObjectNode answer =
                Json.MAPPER.createObjectNode().put("source", source.url()).put("target", target.url());
        int code;
        String text;
        if (end instanceof TableCarriage.End.Reached reached) {
            code = TableCommand.DONE;
            answer.put("outcome", "done").put("version", reached.version());
            text = String.format(
                    "version %d: %d versions seen, %d objects, %.1f MB in %.1f s, %.1f MB/s",
                    reached.version(),
                    versions,
                    now.objectsDone(),
                    now.bytesDone() / MILLION,
                    now.since().toNanos() / 1e9,
                    now.bytesPerSecond() / MILLION);
        } else {
            boolean stopped = end instanceof TableCarriage.End.Stopped;
            code = stopped ? TableCommand.STOPPED : TableCommand.UNREACHABLE;
            String reason = end instanceof TableCarriage.End.Stopped it
                    ? it.reason()
                    : ((TableCarriage.End.GaveUp) end).reason();
            String readable = target.readable(source.readable(reason));
            answer.put("outcome", stopped ? "stopped" : "gave-up").put("reason", readable);
            text = (stopped ? "stopped: " : "given up, ask again to go on: ") + readable;
        }
        answer.put("versions", versions)
                .put("objects", now.objectsDone())
                .put("bytes", now.bytesDone())
                .put("seconds", now.since().toNanos() / 1e9)
                .put("mb_per_s", now.bytesPerSecond() / MILLION);
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? answer.toString() : text);
        out.flush();
        return code;
    }
}
