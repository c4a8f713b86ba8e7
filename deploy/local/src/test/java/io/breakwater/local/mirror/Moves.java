package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.process.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** What a person asks of the controller of two regions, and waits for. */
final class Moves {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration SOON = Duration.ofMinutes(3);

    private Moves() {}

    /** Asks until it is not refused, and fails if it does not succeed. */
    static void move(TwoRegions regions, String kind) throws Exception {
        awaitEnd(regions, kind, begin(regions, kind));
    }

    /** Asks until it is not refused. @return the operation's id */
    static String begin(TwoRegions regions, String kind) {
        StringBuilder refusal = new StringBuilder("asked");
        return await().atMost(SOON)
                .conditionEvaluationListener(condition -> PROGRESS.line(kind + ": " + refusal))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> regions.controller().request(kind, refusal), Optional::isPresent)
                .orElseThrow();
    }

    /** Fails if it does not succeed. */
    static void awaitEnd(TwoRegions regions, String kind, String id) throws Exception {
        await().atMost(SOON)
                .conditionEvaluationListener(condition -> PROGRESS.line(kind + ": " + lastStep(regions, id)))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> !isRunning(regions.controller().operation(id)));
        JsonNode operation = regions.controller().operation(id);
        assertThat(operation.path("state").asText()).as(operation.toString()).isEqualTo("succeeded");
        PROGRESS.line(kind + " done, epoch " + operation.path("epoch"));
    }

    private static String lastStep(TwoRegions regions, String id) {
        try {
            JsonNode steps = regions.controller().operation(id).path("steps");
            return steps.path(steps.size() - 1).toString();
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e.toString();
        }
    }

    private static boolean isRunning(JsonNode operation) {
        return operation.path("state").asText().equals("running");
    }

    /** The operation that made the loss ledger of an epoch, once it is made. */
    static JsonNode ledger(TwoRegions regions, long epoch) throws Exception {
        await().atMost(SOON)
                .conditionEvaluationListener(condition -> PROGRESS.line("ledger of epoch " + epoch + " is awaited"))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> regions.controller()
                        .newest("ledger", epoch)
                        .filter(operation -> operation.path("state").asText().equals("succeeded"))
                        .isPresent());
        return regions.controller().newest("ledger", epoch).orElseThrow();
    }

    /** Until the controller calls the standby ready, which it is only with the flow's receipts. */
    static void awaitFlow(TwoRegions regions) {
        await().atMost(SOON)
                .conditionEvaluationListener(condition -> PROGRESS.line("readiness is awaited"))
                .pollInterval(Duration.ofMillis(500))
                .ignoreExceptions()
                .until(() -> regions.controller().status().path("ready").asBoolean());
    }
}
