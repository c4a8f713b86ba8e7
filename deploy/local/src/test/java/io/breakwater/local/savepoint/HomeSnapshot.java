package io.breakwater.local.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.savepoint.MatrixCase.Taking;
import io.breakwater.platform.Json;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Checkpoint;
import io.breakwater.region.FlinkRest.SavepointFormat;
import io.breakwater.region.FlinkRest.SavepointState;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;

/** Takes snapshots of a job in each way in which they come to be, and ends it. */
record HomeSnapshot(URI url, FlinkRest flink, String directory) {

    private static final Duration SOON = Duration.ofMinutes(2);

    /** @return where it lies; the job goes on after a savepoint, and has ended after a stop and a checkpoint */
    String take(String job, Taking taking) throws Exception {
        return switch (taking) {
            case NATIVE ->
                completed(
                        job,
                        flink.triggerSavepoint(job, directory, SavepointFormat.NATIVE)
                                .ifOk()
                                .orElseThrow());
            case CANONICAL ->
                completed(
                        job,
                        flink.triggerSavepoint(job, directory, SavepointFormat.CANONICAL)
                                .ifOk()
                                .orElseThrow());
            case STOP -> completed(job, stop(job));
            case CHECKPOINT, MERGED_CHECKPOINT, CHANGELOG_CHECKPOINT -> {
                long before = latest(job).orElseThrow().id();
                await().atMost(SOON).until(() -> latest(job).orElseThrow().id() > before);
                // Now, while the next one has not begun: of file-merged ones, a job that Flink 2.2.1 cancels in the
                // middle of one leaves the one before without some of its files.
                end(job);
                yield latest(job).orElseThrow().location();
            }
        };
    }

    /** Its newest completed checkpoint. */
    Optional<Checkpoint> latest(String job) throws InterruptedException {
        return flink.checkpoints(job).ifOk().flatMap(FlinkRest.Checkpoints::latest);
    }

    /** Ends it, if it runs still. */
    void end(String job) {
        await().atMost(SOON).until(() -> {
            boolean runs = flink.jobs().ifOk().orElseThrow().stream()
                    .anyMatch(known -> known.id().equals(job) && !known.terminal());
            if (runs) {
                flink.cancel(job);
            }
            return !runs;
        });
    }

    private String completed(String job, String trigger) {
        return await().atMost(SOON)
                .until(
                        () -> flink.savepoint(job, trigger).ifOk(),
                        state -> state.isPresent() && !(state.get() instanceof SavepointState.InProgress))
                .map(state -> {
                    assertThat(state).isInstanceOf(SavepointState.Completed.class);
                    return ((SavepointState.Completed) state).location();
                })
                .orElseThrow();
    }

    private String stop(String job) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(url.resolve("/jobs/" + job + "/stop"))
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(Json.MAPPER
                                        .createObjectNode()
                                        .put("targetDirectory", directory)
                                        .put("drain", false)
                                        .put("formatType", "NATIVE")
                                        .toString()))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return Json.MAPPER.readTree(answer.body()).path("request-id").asText();
    }
}
