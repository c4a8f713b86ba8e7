package io.breakwater.controller.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.RouteSpec;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Route53TargetTest {

    private static final String NAME = "kafka.flights.example.";
    private static final String EPOCH = "_breakwater." + NAME;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Route53Server server;

    @BeforeEach
    void start() throws Exception {
        System.setProperty("aws.accessKeyId", "key");
        System.setProperty("aws.secretAccessKey", "secret");
        server = new Route53Server("Z1");
    }

    @AfterEach
    void stop() {
        server.close();
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    @Test
    void changesTheRecordWithItsEpochAndWaitsUntilAllNameServersHaveIt() throws Exception {
        RouteTarget.Outcome outcome = point("Z1", server.url(), "west", 3);

        assertThat(outcome).isInstanceOf(RouteTarget.Outcome.Pointed.class);
        assertThat(server.values(NAME, "CNAME")).containsExactly("kafka.west.example.");
        assertThat(server.values(EPOCH, "TXT")).containsExactly("\"epoch=3\"");
        assertThat(server.looks()).isEqualTo(2);
    }

    @Test
    void theSameRouteAgainChangesNothing() throws Exception {
        point("Z1", server.url(), "west", 3);

        assertThat(point("Z1", server.url(), "west", 3)).isInstanceOf(RouteTarget.Outcome.Pointed.class);
        assertThat(server.changes()).isEqualTo(1);
    }

    @Test
    void aLaterEpochMovesItBackAndAnOlderOneIsLeftAlone() throws Exception {
        point("Z1", server.url(), "west", 3);
        point("Z1", server.url(), "east", 4);
        assertThat(server.values(NAME, "CNAME")).containsExactly("kafka.east.example.");

        assertThat(point("Z1", server.url(), "west", 3))
                .isEqualTo(new RouteTarget.Outcome.NotPointed(NAME + " has a route of epoch 4, newer than 3"));
        assertThat(server.values(NAME, "CNAME")).containsExactly("kafka.east.example.");
    }

    @Test
    void aRecordThatAnotherHandChangedIsSetRight() throws Exception {
        point("Z1", server.url(), "west", 3);
        server.put(NAME, "CNAME", "elsewhere.example.");

        point("Z1", server.url(), "west", 3);

        assertThat(server.values(NAME, "CNAME")).containsExactly("kafka.west.example.");
    }

    @Test
    void aChangeThatIsNotThereAfterwardsIsSaid() throws Exception {
        server.put(NAME, "CNAME", "elsewhere.example.");
        server.forgetChanges();

        assertThat(point("Z1", server.url(), "west", 3))
                .isEqualTo(new RouteTarget.Outcome.NotPointed(
                        NAME + " has [elsewhere.example.] after the change, not [kafka.west.example.]"));
    }

    @Test
    void aZoneThatIsNotThereIsSaid() throws Exception {
        assertThat(point("Z2", server.url(), "west", 3))
                .isEqualTo(new RouteTarget.Outcome.NotPointed("Route 53 refuses with HTTP 404 NoSuchHostedZone: "
                        + "check zone Z2 and the rights of this node"));
    }

    @Test
    void silenceIsSaid() throws Exception {
        assertThat(point("Z1", URI.create("http://127.0.0.1:1"), "west", 3))
                .isInstanceOfSatisfying(
                        RouteTarget.Outcome.NotPointed.class,
                        not -> assertThat(not.reason()).startsWith("Route 53 does not answer"));
    }

    private static RouteTarget.Outcome point(String zone, URI endpoint, String region, long epoch) throws Exception {
        Map<String, List<String>> values =
                Map.of("east", List.of("kafka.east.example."), "west", List.of("kafka.west.example."));
        RouteSpec.Route53 spec =
                new RouteSpec.Route53(zone, NAME, "CNAME", 30, new TreeMap<>(values), Optional.of(endpoint));
        try (Route53Target target = new Route53Target(spec, PATIENCE)) {
            return target.point(new Route("flights", region, new Epoch(epoch), region + ":9092"));
        }
    }
}
