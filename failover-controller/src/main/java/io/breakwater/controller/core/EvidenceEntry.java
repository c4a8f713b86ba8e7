package io.breakwater.controller.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Epoch;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** An entry of the evidence log before it becomes text. The proposer makes it, so that all nodes log the same bytes. */
public record EvidenceEntry(
        Instant time,
        String kind,
        String group,
        Optional<Epoch> epoch,
        Optional<String> operation,
        Optional<String> step,
        JsonNode detail) {

    /** What the log's format can hold; what is longer comes as several entries. */
    static final int MAX_BYTES = 65_535;

    public static EvidenceEntry of(Instant time, String kind, Operation operation, JsonNode detail) {
        return new EvidenceEntry(
                time,
                kind,
                operation.group(),
                Optional.of(operation.epoch()),
                Optional.of(operation.id()),
                Optional.empty(),
                detail);
    }

    public EvidenceEntry at(String ofStep) {
        return new EvidenceEntry(time, kind, group, epoch, operation, Optional.of(ofStep), detail);
    }

    static boolean tooLarge(List<String> entries) {
        return entries.stream().anyMatch(entry -> entry.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES);
    }

    /**
     * The exact texts that are logged, each one line of JSON: mostly one. If the detail is too long for that, entries
     * with its parts come before it, as {@link DetailParts} says.
     */
    public List<String> texts() {
        DetailParts split = DetailParts.of(detail);
        return Stream.concat(
                        split.parts().stream().map(part -> text(DetailParts.KIND, part)),
                        Stream.of(text(kind, split.head())))
                .toList();
    }

    private String text(String ofKind, JsonNode ofDetail) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("time", time.toString());
        json.put("kind", ofKind);
        json.put("group", group);
        epoch.ifPresent(e -> json.put("epoch", e.number()));
        operation.ifPresent(o -> json.put("operation", o));
        step.ifPresent(s -> json.put("step", s));
        json.set("detail", ofDetail);
        return json.toString();
    }
}
