package io.breakwater.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.evidence.JoinedEntries;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.platform.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceEntryTest {

    private static final Instant NOW = Instant.parse("2026-11-22T09:00:00Z");

    private static List<String> texts(JsonNode detail) {
        return new EvidenceEntry(
                        NOW,
                        "step-ended",
                        "flights",
                        Optional.of(new Epoch(2)),
                        Optional.of("failover-2"),
                        Optional.of("record-segments"),
                        detail)
                .texts();
    }

    private static JsonNode read(String text) throws IOException {
        return Json.MAPPER.readTree(text).path("detail");
    }

    @Test
    void aShortDetailIsOneEntry() throws IOException {
        List<String> texts = texts(JsonNodeFactory.instance.objectNode().put("result", "succeeded"));

        assertThat(texts).hasSize(1);
        assertThat(read(texts.get(0)).path("result").asText()).isEqualTo("succeeded");
    }

    @ParameterizedTest
    @ValueSource(strings = {"flights.arrivals", "quote\"and\\slash", "\u00e4\u20ac", "\ud83d\ude80\ud83d\ude80"})
    void aLongFieldIsInEntriesBeforeItsOwnAndNothingIsLeftOut(String topic) throws IOException {
        ObjectNode detail = JsonNodeFactory.instance.objectNode().put("result", "succeeded");
        ObjectNode partitions = detail.putObject("detail");
        for (int i = 0; i < 5_000; i++) {
            partitions.put(topic + "-" + i, "0..123456789>0..123456780");
        }

        List<String> texts = texts(detail);

        assertThat(texts)
                .allSatisfy(text -> assertThat(text.getBytes(StandardCharsets.UTF_8))
                        .hasSizeLessThanOrEqualTo(EvidenceEntry.MAX_BYTES));
        JsonNode head = read(texts.get(texts.size() - 1));
        assertThat(head.path("result").asText()).isEqualTo("succeeded");
        assertThat(head.path("detail").path("parts").asInt()).isEqualTo(texts.size() - 1);
        StringBuilder joined = new StringBuilder();
        for (int i = 0; i < texts.size() - 1; i++) {
            JsonNode part = read(texts.get(i));
            assertThat(part.path("part").asInt()).isEqualTo(i + 1);
            assertThat(part.path("field").asText()).isEqualTo("detail");
            assertThat(part.path("sha256")).isEqualTo(head.path("detail").path("sha256"));
            joined.append(part.path("text").asText());
        }
        byte[] bytes = joined.toString().getBytes(StandardCharsets.UTF_8);
        assertThat(bytes).hasSize(head.path("detail").path("bytes").asInt());
        assertThat(Sha256.of(bytes))
                .isEqualTo(head.path("detail").path("sha256").asText());
        assertThat(Json.MAPPER.readTree(bytes)).isEqualTo(partitions);
    }

    /** Two long fields of the same text, and so many short ones that the rest is split as well. */
    @Test
    void whatAnAuditPutsTogetherIsTheDetail() {
        ObjectNode detail = JsonNodeFactory.instance.objectNode().put("first", "x\"".repeat(50_000));
        detail.put("second", "x\"".repeat(50_000));
        for (int i = 0; i < 5_000; i++) {
            detail.put("flights.arrivals-" + i, i);
        }
        List<String> entries = new ArrayList<>();
        JoinedEntries audit = new JoinedEntries(entries::add);

        List<String> texts = texts(detail);
        for (int i = 0; i < texts.size(); i++) {
            audit.accept(i, texts.get(i).getBytes(StandardCharsets.UTF_8));
        }

        assertThat(audit.failures()).isEmpty();
        assertThat(audit.joined()).isEqualTo(3);
        assertThat(entries)
                .singleElement()
                .satisfies(entry -> assertThat(read(entry)).isEqualTo(detail));
    }

    @Test
    void aDetailOfManyShortFieldsIsSplitAsAWhole() throws IOException {
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < 5_000; i++) {
            detail.put("flights.arrivals-" + i, i);
        }

        List<String> texts = texts(detail);

        StringBuilder joined = new StringBuilder();
        for (String text : texts.subList(0, texts.size() - 1)) {
            joined.append(read(text).path("text").asText());
        }
        assertThat(Json.MAPPER.readTree(joined.toString())).isEqualTo(detail);
        assertThat(read(texts.get(texts.size() - 1)).path("parts").asInt()).isEqualTo(texts.size() - 1);
    }
}
