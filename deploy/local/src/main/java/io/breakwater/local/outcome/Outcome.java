package io.breakwater.local.outcome;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a failover kept and how long it took.
 *
 * @param rtoSeconds from the kill until write, processing, job and table worked; empty if one never did
 * @param rpoSeconds from the production of the oldest lost acknowledged event until the kill; 0 if none is lost
 */
public record Outcome(
        Optional<Double> rtoSeconds,
        double rpoSeconds,
        Served served,
        KafkaOutcome kafka,
        DeltaOutcome delta,
        FlinkOutcome flink) {

    /** Something that must be so, with its figures. */
    public record Check(String name, boolean passed, String detail) {}

    /** The sections {@code kafka}, {@code delta} and {@code flink} of a result file. */
    public Map<String, JsonNode> sections() {
        Map<String, JsonNode> sections = new LinkedHashMap<>();
        sections.put("kafka", Json.MAPPER.valueToTree(kafka));
        sections.put("delta", Json.MAPPER.valueToTree(delta));
        sections.put("flink", Json.MAPPER.valueToTree(flink));
        return sections;
    }

    public List<Check> checks() {
        return List.of(
                new Check("served", rtoSeconds.isPresent(), served.toString()),
                new Check(
                        "every acknowledged record accounted for",
                        kafka.acked() == kafka.mirrored() + kafka.lost() && kafka.lost() == kafka.lostInLedger(),
                        kafka.acked() + " acknowledged = " + kafka.mirrored() + " mirrored + " + kafka.lost()
                                + " lost, " + kafka.lostInLedger() + " of these in the ledger"),
                new Check(
                        "group positions exact",
                        kafka.translationError() == 0,
                        kafka.translationError() + " records off"),
                new Check("nothing skipped", kafka.skipped() == 0, kafka.skipped() + " records skipped"),
                new Check(
                        "little read again",
                        kafka.reread() <= kafka.committedLast(),
                        kafka.reread() + " committed records read again, " + kafka.committedLast()
                                + " were committed in the last " + KafkaOutcome.COMMIT_LAG.toSeconds() + " s"),
                new Check(
                        "table rows equal",
                        delta.rowsMatch(),
                        delta.rows() + " rows of version " + delta.replicaVersion() + " in both regions"),
                new Check("table equals its input", delta.inputMatch(), "version " + delta.replicaVersion()),
                new Check(
                        "table goes on without gap or repetition",
                        delta.continuedMatch(),
                        "version " + delta.continuedVersion()),
                new Check(
                        "job restored exactly once",
                        !flink.restoredFrom().isEmpty()
                                && flink.duplicates() == 0
                                && flink.gaps() == 0
                                && flink.unmatched() == 0,
                        flink.duplicates() + " duplicates, " + flink.gaps() + " gaps, " + flink.unmatched()
                                + " unmatched over " + flink.keys() + " keys"));
    }
}
