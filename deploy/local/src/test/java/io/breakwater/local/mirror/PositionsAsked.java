package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.process.ProgramRun;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** What the controller's endpoint and the command say to positions of the region that was left, while it lives. */
final class PositionsAsked {

    private final TwoRegions regions;
    private final Path directory;
    private final String from;
    private final String to;
    private final LinearScan there;
    private final LinearScan here;

    PositionsAsked(TwoRegions regions, Path directory, String from, String to, List<String> topics) {
        this.regions = regions;
        this.directory = directory;
        this.from = from;
        this.to = to;
        this.there = LinearScan.of(regions.kafka(from).client(Principal.ADMIN), topics);
        this.here = LinearScan.of(regions.kafka(to).client(Principal.ADMIN), topics);
    }

    /** From each translated position on, the first record is the one that it was before. */
    int assertTheEndpointIsExact(Map<PartitionKey, Long> positions) throws IOException, InterruptedException {
        return assertExact(regions.controller().translate(from, positions).path("positions"), positions.size());
    }

    /** As the endpoint, of groups' positions as they are in the region that was left. */
    int assertTheCommandIsExact(List<String> groups, int positions) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(
                List.of("offsets", "translate", "--from", clientFile(from), "--to", clientFile(to), "--json"));
        groups.forEach(group -> words.addAll(List.of("--group", group)));
        ProgramRun run =
                ProgramRun.of(directory, Map.of(), ProjectLayout.find().launcher(), words.toArray(new String[0]));
        assertThat(run.exitCode()).as(run.output()).isZero();
        return assertExact(Json.MAPPER.readTree(run.output()).path("positions"), positions);
    }

    private int assertExact(JsonNode answers, int expected) {
        assertThat(answers).hasSize(expected);
        for (JsonNode answer : answers) {
            PartitionKey partition = new PartitionKey(
                    answer.path("topic").asText(), answer.path("partition").asInt());
            assertThat(first(here, partition, answer.path("targetOffset").asLong(-1)))
                    .as(answer.toString())
                    .isEqualTo(first(there, partition, answer.path("offset").asLong()));
        }
        return expected;
    }

    private static Optional<String> first(LinearScan scan, PartitionKey partition, long position) {
        assertThat(position).isNotNegative();
        return scan.of(partition).stream()
                .filter(record -> record.offset() >= position)
                .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                .findFirst();
    }

    private String clientFile(String region) throws IOException {
        Properties properties = new Properties();
        regions.kafka(region)
                .client(Principal.ADMIN)
                .forEach((key, value) -> properties.setProperty(key, String.valueOf(value)));
        Path file = directory.resolve("asking-" + region + ".properties");
        try (var out = Files.newBufferedWriter(file)) {
            properties.store(out, null);
        }
        return file.toString();
    }
}
