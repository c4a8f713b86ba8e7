package io.breakwater.controller.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.breakwater.controller.routing.RouteTarget.Outcome;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.HostPort;
import io.breakwater.platform.Node;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ApiRouteTargetTest {

    private static final Route TO_WEST = new Route("flights", "west", new Epoch(2), "127.0.0.1:9");
    private static final String NEW = "{\"region\":\"west\",\"epoch\":2,\"serving\":true}";
    private static final String OLD = "{\"region\":\"east\",\"epoch\":1,\"serving\":true}";
    private static final HostPort DEAD = new HostPort("127.0.0.1", 1);

    private final List<HttpServer> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        servers.forEach(server -> server.stop(0));
    }

    @Test
    void isPointedWhenAMajorityAnswersSoWithOneNodeDead() throws Exception {
        Outcome outcome = target(DEAD, answering(NEW), answering(NEW)).point(TO_WEST);

        assertThat(outcome)
                .isEqualTo(new Outcome.Pointed(
                        "{n0=no answer, n1=west in epoch 2, serving, n2=west in epoch 2, serving}"));
    }

    @Test
    void isNotPointedWhileAMajorityDoesNot() throws Exception {
        assertThat(target(DEAD, answering(OLD), answering(NEW)).point(TO_WEST)).isInstanceOf(Outcome.NotPointed.class);
        assertThat(target(DEAD, DEAD, answering(NEW)).point(TO_WEST)).isInstanceOf(Outcome.NotPointed.class);
    }

    @Test
    void isNotPointedWhileTheRegionDoesNotServe() throws Exception {
        assertThat(target(answering(NEW.replace("true", "false"))).point(TO_WEST))
                .isInstanceOf(Outcome.NotPointed.class);
    }

    private static ApiRouteTarget target(HostPort... addresses) {
        List<Node> nodes = new ArrayList<>();
        for (HostPort address : addresses) {
            nodes.add(new Node("n" + nodes.size(), Optional.empty(), address, address));
        }
        return new ApiRouteTarget(nodes, Duration.ofSeconds(5));
    }

    private HostPort answering(String json) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/groups/flights/route", exchange -> {
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        servers.add(server);
        return new HostPort("127.0.0.1", server.getAddress().getPort());
    }
}
