package io.breakwater.replicator.flink.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.cli.TextTable;
import io.breakwater.platform.Json;
import io.breakwater.platform.OffsetVector;
import io.breakwater.replicator.flink.snapshot.OperatorSummary;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import io.breakwater.replicator.flink.snapshot.SnapshotFile;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

/** What a snapshot holds, for people and for programs. */
record InspectionReport(SnapshotPlace place, Snapshot snapshot, List<OperatorSummary> operators) {

    private static final int FORMAT_WITHOUT_UIDS = 4;
    private static final Map<Integer, String> FLINK = Map.of(4, "1.20", 5, "2.0", 6, "2.1 to 2.3");

    void print(PrintWriter out) {
        out.printf(
                "%s%nmetadata format %d (%s), checkpoint %d, %s%n%n",
                place.url(),
                snapshot.formatVersion(),
                FLINK.getOrDefault(snapshot.formatVersion(), "older than 1.20").replaceFirst("^(\\d)", "Flink $1"),
                snapshot.checkpointId(),
                snapshot.kind().orElse("of unknown kind"));
        TextTable table = new TextTable(
                "UID", "NAME", "OPERATOR ID", "PARALLELISM", "LIST STATES", "HANDLES", "FILES", "BYTES", "INLINE");
        for (OperatorSummary operator : operators) {
            table.row(
                    operator.uid().orElse("-"),
                    operator.name().orElse("-"),
                    operator.id(),
                    operator.parallelism() + "/" + operator.maxParallelism(),
                    joined(operator.listStates().entrySet().stream()
                            .map(state -> state.getKey() + ":" + state.getValue())
                            .toList()),
                    joined(operator.handles()),
                    String.valueOf(operator.files().size()),
                    String.valueOf(bytes(operator)),
                    String.valueOf(operator.inlineBytes()));
        }
        table.print(out);
        printPositions(out);
        printSinks(out);
        printNotes(out);
    }

    private void printPositions(PrintWriter out) {
        TextTable table = new TextTable("KAFKA SOURCE", "TOPIC", "PARTITION", "NEXT OFFSET");
        boolean any = false;
        for (OperatorSummary operator : operators) {
            for (var end :
                    operator.kafkaPositions().orElse(OffsetVector.EMPTY).ends().entrySet()) {
                any = true;
                table.row(
                        operator.uid().or(operator::name).orElse(operator.id()),
                        end.getKey().topic(),
                        String.valueOf(end.getKey().partition()),
                        String.valueOf(end.getValue()));
            }
        }
        if (any) {
            out.println();
            table.print(out);
        }
    }

    private void printSinks(PrintWriter out) {
        TextTable table = new TextTable("SINK", "TO COMMIT", "WRITER STATES");
        boolean any = false;
        for (OperatorSummary operator : operators) {
            if (operator.committables().isPresent() || operator.writerStates().isPresent()) {
                any = true;
                table.row(
                        operator.uid().or(operator::name).orElse(operator.id()),
                        operator.committables().isPresent()
                                ? String.valueOf(operator.committables().getAsInt())
                                : "-",
                        operator.writerStates().isPresent()
                                ? String.valueOf(operator.writerStates().getAsInt())
                                : "-");
            }
        }
        if (any) {
            out.println();
            table.print(out);
        }
    }

    private void printNotes(PrintWriter out) {
        out.println();
        List<String> nameless = operators.stream()
                .filter(operator -> operator.uid().isEmpty())
                .map(OperatorSummary::label)
                .toList();
        if (snapshot.formatVersion() <= FORMAT_WITHOUT_UIDS) {
            out.println("This format keeps no uids: name an operator by its id, or by the uid that its job gives it.");
        } else if (!nameless.isEmpty()) {
            out.println(
                    "Without uid: " + String.join(", ", nameless) + ". Such an id is a hash of the operator's place in"
                            + " the job's graph: the state is found only by a job of the very same graph.");
        }
        List<OperatorSummary> refused = operators.stream()
                .filter(operator -> operator.refusal().isPresent())
                .toList();
        refused.forEach(operator -> out.println("Cannot be carried to another cluster: operator " + operator.label()
                + ": " + operator.refusal().orElseThrow()));
        if (refused.isEmpty()) {
            out.println("Can be carried to another cluster.");
        }
    }

    private static long bytes(OperatorSummary operator) {
        return operator.files().stream().mapToLong(SnapshotFile::size).sum();
    }

    private static String joined(Iterable<String> words) {
        String text = String.join(" ", words);
        return text.isEmpty() ? "-" : text;
    }

    ArrayNode positionsJson() {
        ArrayNode array = Json.MAPPER.createArrayNode();
        operators.forEach(operator -> positions(operator, array).forEach(array::add));
        return array;
    }

    private static List<ObjectNode> positions(OperatorSummary operator, ArrayNode maker) {
        return operator.kafkaPositions().orElse(OffsetVector.EMPTY).ends().entrySet().stream()
                .map(end -> maker.objectNode()
                        .put("group", operator.id())
                        .put("topic", end.getKey().topic())
                        .put("partition", end.getKey().partition())
                        .put("offset", end.getValue()))
                .toList();
    }

    ObjectNode json() {
        ObjectNode root = Json.MAPPER
                .createObjectNode()
                .put("snapshot", place.url())
                .put("formatVersion", snapshot.formatVersion())
                .put("checkpointId", snapshot.checkpointId());
        snapshot.kind().ifPresent(kind -> root.put("kind", kind));
        ArrayNode array = root.putArray("operators");
        for (OperatorSummary operator : operators) {
            ObjectNode node = array.addObject().put("id", operator.id());
            operator.uid().ifPresent(uid -> node.put("uid", uid));
            operator.name().ifPresent(name -> node.put("name", name));
            node.put("parallelism", operator.parallelism()).put("maxParallelism", operator.maxParallelism());
            operator.listStates().forEach(node.putObject("listStates")::put);
            operator.handles().forEach(node.putArray("handles")::add);
            node.put("inlineBytes", operator.inlineBytes());
            operator.coordinatorBytes().ifPresent(bytes -> node.put("coordinatorBytes", bytes));
            operator.enumeratorVersion().ifPresent(version -> node.put("enumeratorVersion", version));
            operator.kafkaPositions()
                    .ifPresent(vector -> positions(operator, array).forEach(node.withArray("/positions")::add));
            operator.committables().ifPresent(elements -> node.put("committables", elements));
            operator.writerStates().ifPresent(elements -> node.put("writerStates", elements));
            operator.refusal().ifPresent(reason -> node.put("refusal", reason));
            ArrayNode files = node.putArray("files");
            operator.files()
                    .forEach(file -> files.addObject()
                            .put("path", place.paths().path(file.source()))
                            .put(
                                    switch (file.extent()) {
                                        case WHOLE -> "size";
                                        case SEGMENTS -> "atLeast";
                                        case CHANGES -> "changes";
                                    },
                                    file.size()));
        }
        return root;
    }
}
