package io.breakwater.controller.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.controller.core.Operation;
import io.breakwater.controller.runbook.Runbook;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.platform.HostPort;
import io.breakwater.platform.Node;
import io.breakwater.platform.Platform;
import io.breakwater.region.RegionClients;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandardStepsTest {

    private static final Path RUNBOOKS = Path.of(System.getProperty("breakwater.root"), "runbooks");

    /** A node starts only if it has each step of its runbooks. */
    @ParameterizedTest
    @ValueSource(strings = {Operation.FAILOVER, Operation.FAILBACK, Operation.LEDGER})
    void theShippedRunbooksAskForNothingElse(String kind) {
        Node node = new Node("one", Optional.empty(), new HostPort("127.0.0.1", 1), new HostPort("127.0.0.1", 2));
        Platform platform = new Platform("test", List.of(node), new TreeMap<>(), new TreeMap<>());
        try (RegionClients clients = new RegionClients(platform, Duration.ofSeconds(1))) {
            SortedMap<String, RunbookStep> steps = StandardSteps.of(platform, clients, Clock.systemUTC());

            Runbook runbook = Runbook.load(RUNBOOKS, kind, steps.keySet());

            assertThat(runbook.steps()).isNotEmpty();
        }
    }
}
