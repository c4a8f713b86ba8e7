package io.breakwater.replicator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.PlatformFile;
import io.breakwater.replicator.FlowConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlowConnectorsTest {

    private static final String YAML = """
            platform: flights
            nodes:
              - {id: east, region: east, raft: "127.0.0.1:1001", http: "127.0.0.1:1002"}
            regions:
              east: &site
                kafka:
                  bootstrap: "127.0.0.1:1"
                  client: {security.protocol: SASL_PLAINTEXT}
                  mirror: {security.protocol: SASL_PLAINTEXT, sasl.jaas.config: "${file:/secrets/mirror.jaas}"}
                  mirrorPrincipal: "User:mirror"
                connect: {url: "http://127.0.0.1:2"}
                objectStore: {region: us-east-1, endpoint: "http://127.0.0.1:3", buckets: {lake: lake-east}}
                flink: {url: "http://127.0.0.1:4"}
              west: *site
              north: *site
            groups:
              flights:
                home: east
                standby: west
                objectives: {rto: PT15M, rpo: PT5M}
                policy: {mode: advisory}
                pipelinePrincipals: ["User:pipeline"]
                assets:
                  - {kind: kafka-topic, pattern: "flights\\\\..*"}
                  - {kind: consumer-group, pattern: "flights-.*"}
            """;

    @TempDir
    private Path dir;

    @Test
    void eachRegionCarriesTheFlowsIntoIt() throws IOException {
        assertThat(into("west", YAML).keySet())
                .containsExactly(
                        "flights.consumer-group.east-west",
                        "flights.kafka-receipts.east-west",
                        "flights.kafka-topic.east-west",
                        "flights.kafka-topics.east-west");
        assertThat(into("east", YAML).keySet())
                .allMatch(name -> name.endsWith(".west-east"))
                .hasSize(4);
        assertThat(into("north", YAML)).isEmpty();
    }

    @Test
    void theMirrorIsStampedExactlyOnceAndWritesAsTheFlow() throws IOException {
        Map<String, String> mirror = configuration("flights.kafka-topic.east-west");

        assertThat(mirror)
                .containsEntry("topics", "flights\\..*")
                .containsEntry("exactly.once.support", "required")
                .containsEntry("source.consumer.isolation.level", "read_committed")
                .containsEntry("offset-syncs.topic.location", "target")
                .doesNotContainKey("transforms")
                .containsEntry("producer.override.max.in.flight.requests.per.connection", "1")
                .containsEntry("producer.override.sasl.jaas.config", "${file:/secrets/mirror.jaas}");
        assertThat(mirror.get("config.properties.exclude"))
                .as("MirrorMaker's own list and the limit that the stamp raises")
                .contains("min.insync.replicas", "unclean.leader.election.enable", "max.message.bytes");
    }

    @Test
    void ourConnectorsAreToldThePlatformFileAndTheFlow() throws IOException {
        Map<String, String> groups = configuration("flights.consumer-group.east-west");

        FlowConfig config = new FlowConfig(groups);

        assertThat(config.flow()).hasToString("east-west");
        assertThat(config.groupName()).isEqualTo("flights");
        assertThat(config.connector("consumer-group")).hasToString("flights.consumer-group.east-west");
    }

    @Test
    void aGroupThatThePlatformFileDoesNotHaveIsRefused() throws IOException {
        Map<String, String> groups = configuration("flights.consumer-group.east-west");
        groups.put(FlowConfig.GROUP, "trains");

        assertThatThrownBy(() -> new FlowConfig(groups))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("groups.trains")
                .hasMessageContaining("there are [flights]");
    }

    @Test
    void aPatternThatIsNoneIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> into("west", YAML.replace("flights-.*", "flights-(")))
                .hasMessageContaining("groups.flights.assets: consumer-group pattern 'flights-('");
        assertThatThrownBy(() -> into("west", YAML.replace("flights\\\\..*", "flights.{1,2}")))
                .hasMessageContaining("has a comma");
    }

    @Test
    void accessIsMirroredWhereItIsAnAssetAndWrongSettingsAreRefused() throws IOException {
        String access = YAML + "      - {kind: kafka-access, quotas: false}\n";

        assertThat(into("west", access)).containsKey("flights.kafka-access.east-west");
        assertThatThrownBy(() -> into("west", access.replace("quotas: false", "quotas: some, acl: true")))
                .hasMessageContaining("groups.flights.assets: kafka-access: unknown setting 'acl'")
                .hasMessageContaining("quotas 'some'");
        assertThatThrownBy(() -> into("west", YAML.replace("flights\\\\..*\"", "flights\", deletion: never")))
                .hasMessageContaining("expected keep or delete-after");
        assertThatThrownBy(() -> into("west", YAML.replace("flights\\\\..*\"", "flights\", failback: re-seed")))
                .hasMessageContaining("failback 're-seed': expected continue, or nothing")
                .hasMessageContaining("loss ledger");
        assertThatThrownBy(() -> into("west", YAML.replace("flights\\\\..*\"", "flights\", delete: keep")))
                .hasMessageContaining("unknown setting 'delete'; known are [pattern, deletion");
    }

    @Test
    void prefixesAreMirroredInBothDirections() throws IOException {
        String raw = YAML + "      - {kind: s3-prefix, name: landing, prefix: \"s3://{lake}/landing/\"}\n";

        assertThat(into("west", raw)).containsKey("flights.s3-prefix.east-west");
        assertThat(into("east", raw)).containsKey("flights.s3-prefix.west-east");
        assertThatThrownBy(() -> into("west", raw.replace("landing/", "landing")))
                .hasMessageContaining("with a slash at its end");
    }

    private Map<String, String> configuration(String connector) throws IOException {
        return Objects.requireNonNull(into("west", YAML).get(connector));
    }

    private SortedMap<String, Map<String, String>> into(String region, String yaml) throws IOException {
        Path file = Files.writeString(dir.resolve("platform.yaml"), yaml);
        return FlowConnectors.into(region, PlatformFile.load(file), file);
    }
}
