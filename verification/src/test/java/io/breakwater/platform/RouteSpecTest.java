package io.breakwater.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteSpecTest {

    private static final String YAML = """
            platform: flights
            nodes: [{id: one, raft: "127.0.0.1:1", http: "127.0.0.1:2"}]
            regions:
              east: &site
                kafka: {bootstrap: "127.0.0.1:1", mirrorPrincipal: "User:mirror"}
                connect: {url: "http://127.0.0.1:2"}
                objectStore: {region: us-east-1}
                flink: {url: "http://127.0.0.1:4"}
              west: *site
            groups:
              flights:
                home: east
                standby: west
                objectives: {rto: PT15M, rpo: PT5M}
                assets: []
                routes:
                  - {kind: webhook, url: "http://127.0.0.1:8/route", authorization: "Bearer ${file:/x}"}
                  - {kind: bootstrap-file, path: /etc/flights.properties}
                  - kind: route53
                    zone: Z1
                    name: kafka.example.
                    type: CNAME
                    ttl: 30
                    values: {east: [kafka-east.example.], west: [kafka-west.example.]}
            """;

    @TempDir
    private Path dir;

    @Test
    void readsEachKind() throws IOException {
        assertThat(load(YAML).group("flights").routes())
                .hasExactlyElementsOfTypes(
                        RouteSpec.Webhook.class, RouteSpec.BootstrapFile.class, RouteSpec.Route53.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /etc/flights.properties      | flights.properties | groups.flights.routes: bootstrap-file.path 'flights.properties'
            name: kafka.example.         | name: kafka        | groups.flights.routes: route53.name 'kafka'; a dot
            type: CNAME                  | type: MX           | groups.flights.routes: route53.type 'MX'
            ttl: 30                      | ttl: 0             | groups.flights.routes: route53.ttl 0
            west: [kafka-west.example.]  | west: []           | groups.flights.routes: route53.values.west has 0 values
            ', west: [kafka-west.example.]' | ''              | groups.flights.routes: route53.values has none for 'west'
            kind: webhook                | kind: pigeon       | pigeon
            """)
    void refusesWhatIsWrongWithItsPath(String cut, String put, String expected) {
        String wrong = YAML.replace(cut, put == null ? "" : put);

        assertThat(wrong).isNotEqualTo(YAML);
        assertThatThrownBy(() -> load(wrong))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining(expected);
    }

    private Platform load(String yaml) throws IOException {
        return PlatformFile.load(Files.writeString(dir.resolve("platform.yaml"), yaml));
    }
}
