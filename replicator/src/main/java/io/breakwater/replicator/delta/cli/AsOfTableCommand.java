package io.breakwater.replicator.delta.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.replicator.delta.TableTimes;
import io.breakwater.replicator.delta.TableTimes.Origin;
import io.breakwater.replicator.delta.TableTimes.VersionTime;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code breakwater table asof}: which version stood when. */
@Command(
        name = "asof",
        mixinStandardHelpOptions = true,
        description = {
            "Says which version of a table stood at a time (--time), or from when on one stood (--version); without"
                    + " either, lists all. Of a replica, by the times of its source, although its own objects are"
                    + " younger. Each time says where it is from: source (noted by the mirror), commit (in the commit"
                    + " itself), or object (of the commit's object: on a copy, when it was copied).",
            TableCommand.EXIT_CODES
        })
final class AsOfTableCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private OneTable table = new OneTable();

    @Option(names = "--json", description = "One JSON object, for programs.")
    private boolean json;

    @Override
    public Integer call() {
        Instant time = table.time();
        Long version = table.version();
        if (time != null && version != null) {
            throw new ParameterException(spec.commandLine(), "one of --time and --version");
        }
        try (TablePlace place = table.place()) {
            TableTimes times = TableTimes.of(place.store(), place.table());
            if (times.all().isEmpty()) {
                return none(place, "no Delta table at " + place.url());
            }
            if (time == null && version == null) {
                return say(place, List.copyOf(times.all().values()));
            }
            Optional<VersionTime> found = time != null
                    ? times.asOf(time)
                    : Optional.ofNullable(times.all().get(version));
            if (found.isPresent()) {
                return say(place, List.of(found.get()));
            }
            VersionTime oldest = times.all().firstEntry().getValue();
            return none(
                    place,
                    time != null
                            ? "the log begins later: version " + oldest.version() + " is of " + oldest.time()
                            : "version " + version + " is not in the log, which has " + oldest.version() + " to "
                                    + times.all().lastKey());
        }
    }

    private int say(TablePlace place, List<VersionTime> found) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode answer = Json.MAPPER.createObjectNode().put("table", place.url());
            ArrayNode versions = answer.putArray("versions");
            found.forEach(each -> versions.addObject()
                    .put("version", each.version())
                    .put("time", each.time().toString())
                    .put("origin", origin(each)));
            out.println(answer);
        } else {
            found.forEach(each -> out.println("version " + each.version() + "  " + each.time() + "  " + origin(each)));
        }
        out.flush();
        return TableCommand.DONE;
    }

    private static String origin(VersionTime version) {
        Origin origin = version.origin();
        return origin.name().toLowerCase(Locale.ROOT);
    }

    private int none(TablePlace place, String reason) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                json
                        ? Json.MAPPER
                                .createObjectNode()
                                .put("table", place.url())
                                .put("reason", reason)
                                .toString()
                        : reason);
        out.flush();
        return TableCommand.STOPPED;
    }
}
