package io.breakwater.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformFileTest {

    private static final String YAML = """
            platform: flights
            nodes:
              - {id: east, region: east, raft: "127.0.0.1:1001", http: "127.0.0.1:1002"}
              - {id: west, region: west, raft: "127.0.0.1:1003", http: "127.0.0.1:1004"}
              - {id: witness, raft: "127.0.0.1:1005", http: "127.0.0.1:1006"}
            regions:
              east: &site
                kafka: {bootstrap: "127.0.0.1:1", client: {security.protocol: SASL_PLAINTEXT}, mirror: {}, mirrorPrincipal: "User:mirror"}
                connect: {url: "http://127.0.0.1:2"}
                objectStore: {region: us-east-1, endpoint: "http://127.0.0.1:3", buckets: {lake: lake-east}}
                flink: {url: "http://127.0.0.1:4"}
              west: *site
            groups:
              flights:
                home: east
                standby: west
                objectives: {rto: PT15M, rpo: PT5M}
                policy: {mode: automatic, lease: PT6S}
                pipelinePrincipals: ["User:pipeline"]
                assets:
                  - {kind: kafka-topic, pattern: "flights\\\\..*"}
                  - {kind: flink-job, name: delay, snapshot: {every: PT30S}}
            """;

    @TempDir
    private Path dir;

    @Test
    void aJobsOutputsAreMirroredTopics() throws IOException {
        String wrong = YAML.replace("name: delay,", "name: delay, outputs: 'flights.delays, other',");
        ProtectionGroup group = PlatformFile.load(write(wrong)).group("flights");

        assertThatThrownBy(() ->
                        JobOutputs.of(group, group.assets(AssetSpec.FLINK_JOB).get(0)))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("flink-job delay: outputs has 'other', which no kafka-topic asset");
        ProtectionGroup right =
                PlatformFile.load(write(wrong.replace(", other", ""))).group("flights");
        assertThat(JobOutputs.of(right, right.assets(AssetSpec.FLINK_JOB).get(0))
                        .topics())
                .containsExactly("flights.delays");
    }

    @Test
    void refusesDerivedTopicsThatCannotBeHeldBack() throws IOException {
        String outputs = "outputs: flights.delays, ";
        assertRefused(
                "derived: {topics: flights.delays}", "derived.topics has 'flights.delays', which outputs has not");
        assertRefused(
                outputs + "derived: {topics: flights.delays, hold: 5m}", "derived.hold is '5m'; it is a duration");
        assertRefused(
                outputs + "derived: {topics: flights.delays, hold: PT60S}",
                "derived.hold is PT1M, and has to be longer than 2 times");
    }

    private void assertRefused(String settings, String reason) throws IOException {
        ProtectionGroup group = PlatformFile.load(write(YAML.replace("name: delay,", "name: delay, " + settings + ",")))
                .group("flights");

        assertThatThrownBy(() -> DerivedTopics.of(group))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("flink-job delay: " + reason);
    }

    @Test
    void aDerivedTopicHasOneWriter() throws IOException {
        String declared = "outputs: flights.delays, derived: {topics: flights.delays}";
        String one = "      - {kind: flink-job, name: delay, " + declared + ", snapshot: {every: PT30S}}\n";
        ProtectionGroup group = PlatformFile.load(write(YAML.replace("name: delay,", "name: delay, " + declared + ",")
                        + "      " + one.strip().replace("name: delay", "name: other") + "\n"))
                .group("flights");

        assertThatThrownBy(() -> DerivedTopics.of(group))
                .hasMessageContaining(
                        "flink-job other: derived.topics has 'flights.delays', which another job has too");
    }

    @Test
    void readsAPlatform() throws IOException {
        Platform platform = PlatformFile.load(write(YAML));

        ProtectionGroup group = platform.group("flights");
        assertThat(group.policy().mode()).isEqualTo(Policy.Mode.automatic);
        assertThat(group.policy().lease()).isEqualTo(Duration.ofSeconds(6));
        assertThat(group.policy().holdTime()).isEqualTo(Duration.ofSeconds(3));
        assertThat(group.patterns(AssetSpec.KAFKA_TOPIC)).containsExactly("flights\\..*");
        assertThat(group.assets(AssetSpec.FLINK_JOB).get(0).required("snapshot.every"))
                .isEqualTo("PT30S");
        assertThat(platform.region("east").objectStore().locate("s3://{lake}/flights"))
                .isEqualTo("s3://lake-east/flights");
    }

    private static final String ACLS = "mirrorPrincipal: \"User:mirror\", fence: {kind: acls, probePrincipal: \"%s\", "
            + "probe: {security.protocol: SASL_SSL}, exempt: [%s]}}";

    private static String closedByAcls(String probe, String exempt) {
        return YAML.replace("mirrorPrincipal: \"User:mirror\"}", ACLS.formatted(probe, exempt));
    }

    @Test
    void aRegionSaysWhatClosesIt() throws IOException {
        Platform plugin = PlatformFile.load(write(YAML));
        Platform acls = PlatformFile.load(
                write(closedByAcls("User:probe", "\"User:connect\"").replace("mode: automatic", "mode: advisory")));

        assertThat(plugin.region("east").kafka().fencedBy()).isEqualTo(new FenceSpec.BrokerPlugin());
        assertThat(acls.region("east").kafka().fencedBy())
                .isEqualTo(new FenceSpec.Acls(
                        Map.of("security.protocol", "SASL_SSL"), "User:probe", List.of("User:connect")));
    }

    @Test
    void rule10AutomaticModeIsRefusedWhereAclsCloseARegion() throws IOException {
        Path file = write(closedByAcls("User:probe", ""));

        assertThatThrownBy(() -> PlatformFile.load(file))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("groups.flights.policy.mode: automatic needs a fence that holds although nobody"
                        + " reaches the region (rule 10), and east and west would be closed by ACLs"
                        + " (regions.east.kafka.fence)")
                .hasMessageContaining("use advisory, or install the broker plugin there");
    }

    @Test
    void aClusterThatAclsCloseHasOneGroup() throws IOException {
        String two = closedByAcls("User:probe", "").replace("mode: automatic", "mode: advisory");
        String group = two.substring(two.indexOf("  flights:\n"));
        Path file = write(two + group.replace("  flights:\n", "  trains:\n"));

        assertThatThrownBy(() -> PlatformFile.load(file))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("regions.east.kafka.fence: acls close the transactions of a principal")
                .hasMessageContaining("2 groups have the region: flights, trains");
    }

    @ParameterizedTest
    @CsvSource({
        "probe, '', principal 'probe'; one principal as User:name is needed",
        "User:*, '', principal 'User:*'; one principal",
        "User:probe, '\"User:probe\"', has the probe's principal User:probe",
        "User:mirror, '', kafka.fence.probePrincipal: User:mirror is the mirror's"
    })
    void aProbeHasToBeAnOrdinaryPrincipal(String probe, String exempt, String reason) throws IOException {
        Path file = write(closedByAcls(probe, exempt).replace("mode: automatic", "mode: advisory"));

        assertThatThrownBy(() -> PlatformFile.load(file)).hasMessageContaining(reason);
    }

    @Test
    void refusesAnUnknownKeyWithItsPath() throws IOException {
        Path file = write(YAML.replace("lease:", "leese:"));

        assertThatThrownBy(() -> PlatformFile.load(file))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("groups.flights.policy.leese: unknown key; known are")
                .hasMessageContaining("leaseMargin");
    }

    @Test
    void refusesAutomaticModeWithFewerThanThreeNodes() throws IOException {
        Path file = write(YAML.replaceFirst("(?m)^ +- \\{id: witness.*\\n", ""));

        assertThatThrownBy(() -> PlatformFile.load(file))
                .hasMessageContaining("three controller nodes")
                .hasMessageContaining("rule 3");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    lease: PT6S          | lease: PT2S                 | groups.flights.policy.lease: PT2S is shorter than three renewals, one a second (3 x PT1S = PT3S)
                    lease: PT6S          | lease: PT6S, holdTime: PT893S | holdTime PT14M53S + lease PT6S + leaseMargin PT1S = PT15M pass before a promotion begins (rules 4 and 10), and objectives.rto is PT15M
                    lease: PT6S          | holdTime: PT0.5S            | groups.flights.policy.holdTime: PT0.5S is shorter than the PT1S from one vote to the next
                    lease: PT6S          | coolDown: PT14M             | groups.flights.policy.coolDown: PT14M is shorter than objectives.rto PT15M
                    lease: PT6S          | leaseMargin: PT0.09S        | (PT10S / 100 = PT0.1S), which clocks may drift apart while it holds (rule 10)
                    lease: PT6S          | coolDown: -PT1S             | groups.flights.policy.coolDown: PT-1S is negative
                    id: witness, raft    | id: witness, region: west, raft | there are 3 nodes in 2 sites (2 regions + 0 witnesses without a region)
                    id: west, region: west, raft | id: west, raft        | fits
                    """)
    void refusesUnsafeSettingsWithTheRuleAndTheArithmetic(String cut, String put, String expected) throws IOException {
        Path file = write(YAML.replace(cut, put));

        Throwable refused = catchThrowable(() -> PlatformFile.load(file));

        if (expected.equals("fits")) {
            assertThat(refused).isNull();
        } else {
            assertThat(refused).isInstanceOf(InvalidPlatformException.class).hasMessageContaining(expected);
        }
    }

    @Test
    void refusesAMissingFile() {
        assertThatThrownBy(() -> PlatformFile.load(dir.resolve("none.yaml")))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("none.yaml: no such readable platform file");
    }

    @Test
    void refusesARegionThatIsNotThere() throws IOException {
        Path file = write(YAML.replace("standby: west", "standby: north"));

        assertThatThrownBy(() -> PlatformFile.load(file)).hasMessageContaining("groups.flights: no region 'north'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    platform: flights\\n                        | platform: is missing, or has no value
                    [ ]+objectives: .*\\n                      | groups.flights.objectives: is missing, or has no value
                    , rpo: PT5M                               | groups.flights.objectives.rpo: is missing, or has no value
                    [ ]+home: east\\n                          | groups.flights.home: is missing, or has no value
                    bootstrap: "127.0.0.1:1",                 | regions.east.kafka.bootstrap: is missing, or has no value
                    flink: \\{url: [^}]*}                      | regions.east.flink: is missing, or has no value
                    region: us-east-1,                        | regions.east.objectStore.region: is missing, or has no value
                    id: witness,                              | nodes[2].id: is missing, or has no value
                    , raft: "127.0.0.1:1003"                  | nodes[1].raft: is missing, or has no value
                    kind: kafka-topic,                        | assets: an asset needs a kind
                    """)
    void namesAMissingKeyWithItsPath(String cut, String expected) throws IOException {
        Path file = write(YAML.replaceFirst(cut, ""));

        assertThatThrownBy(() -> PlatformFile.load(file))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?<=platform:) flights",
                "(?<=home:) east",
                "(?<=policy:) .*",
                "(?<=lease:) PT6S",
                "(?<=objectives:) .*",
                "(?<=client:) \\{[^}]*}",
                "(?<=security.protocol:) SASL_PLAINTEXT",
                "(?<=buckets:) \\{[^}]*}",
                "(?<=pattern:) \"[^\"]*\"",
                "(?<=every:) PT30S",
                "(?<=assets:)(?s).*",
                "(?<=groups:)(?s).*",
                "(?s).*"
            })
    void aKeyWithoutAValueIsEitherOptionalOrRefusedInWords(String cut) throws IOException {
        Path file = write(YAML.replaceFirst(cut, ""));

        Throwable thrown = catchThrowable(() -> PlatformFile.load(file));

        if (thrown != null) {
            assertThat(thrown)
                    .isInstanceOf(InvalidPlatformException.class)
                    .hasMessageStartingWith(file + ": ")
                    .hasMessageNotContainingAny("NullPointer", "Exception", ": null");
        }
    }

    @Test
    void whatMayBeMissingHasItsDefault() throws IOException {
        Path file = write(YAML.replaceFirst("client: [^}]*}, mirror: \\{}, ", "")
                .replaceFirst(" +policy: .*\\n", "")
                .replaceFirst(" +pipelinePrincipals: .*\\n", "")
                .replaceFirst("buckets: [^}]*}", ""));

        Platform platform = PlatformFile.load(file);

        assertThat(platform.group("flights").policy()).isEqualTo(Policy.CAREFUL);
        assertThat(platform.group("flights").policy().mode()).isEqualTo(Policy.Mode.advisory);
        assertThat(platform.group("flights").pipelinePrincipals()).isEmpty();
        assertThat(platform.region("east").kafka().client()).isEmpty();
        assertThat(platform.region("east").objectStore().buckets()).isEmpty();
        assertThat(platform.region("east").objectStore().accessKey()).isEmpty();
    }

    @Test
    void refusesWhatIsNotYamlOnOneLine() throws IOException {
        Path file = write("platform: [flights");

        assertThatThrownBy(() -> PlatformFile.load(file))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining(file + ": not YAML: ")
                .message()
                .hasLineCount(1);
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(dir.resolve("platform.yaml"), yaml);
    }
}
