package io.breakwater.region;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import java.io.FileNotFoundException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The REST API of a region's Flink cluster (JobManager), as of Flink 1.20 to 2.3. Thread-safe; a request blocks up to
 * the time-out, an upload up to {@link #UPLOAD_TIMEOUT}. No method throws for what the server does or does not do.
 */
public final class FlinkRest {

    public static final Duration UPLOAD_TIMEOUT = Duration.ofMinutes(2);

    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private final JsonHttp http;

    public FlinkRest(URI url) {
        this(url, DEFAULT_TIMEOUT);
    }

    /** @param timeout of one request */
    public FlinkRest(URI url, Duration timeout) {
        http = new JsonHttp(url, timeout);
    }

    public record Overview(String version, int taskManagers, int slots, int freeSlots, int runningJobs) {}

    public record Jar(String id, String name, Instant uploaded) {}

    /** @param state Flink's JobStatus, such as {@code RUNNING}, {@code RESTARTING}, {@code FINISHED} */
    public record Job(String id, String name, String state, Instant started) {

        /** Whether the job will do nothing any more. */
        public boolean terminal() {
            return List.of("FINISHED", "CANCELED", "FAILED", "SUSPENDED").contains(state);
        }
    }

    /**
     * @param savepoint where to restore from, in claim mode NO_CLAIM; empty for a fresh start. A restored job runs without
     *     Flink's changelog until it is started anew, whatever the cluster's setting is
     * @param jobId 32 hexadecimal digits; a second submission with the same id is refused. Empty: Flink chooses one
     */
    public record Submission(
            String entryClass, int parallelism, List<String> args, Optional<String> savepoint, Optional<String> jobId) {
        public Submission {
            args = List.copyOf(args);
        }

        /** A fresh start under an id that Flink chooses. */
        public static Submission fresh(String entryClass, int parallelism, List<String> args) {
            return new Submission(entryClass, parallelism, args, Optional.empty(), Optional.empty());
        }
    }

    /** Names as in Flink's API. */
    public enum SavepointFormat {
        NATIVE,
        CANONICAL
    }

    /** How far a triggered savepoint is. */
    public sealed interface SavepointState {
        record InProgress() implements SavepointState {}

        /** @param location its directory, as Flink writes it */
        record Completed(String location) implements SavepointState {}

        record Failed(String reason) implements SavepointState {}
    }

    /** @param savepoint whether it is a savepoint; {@link Checkpoints#latest} never is */
    public record Checkpoint(long id, boolean savepoint, Instant triggered, String location) {}

    /** @param location what was restored, as it was given at submission */
    public record Restored(long checkpointId, Instant at, String location) {}

    /**
     * @param restoredCount how often the job was restored in its life, the first time from its savepoint
     * @param latest the newest completed checkpoint
     * @param restored the newest restore
     */
    public record Checkpoints(
            int restoredCount, int completedCount, Optional<Checkpoint> latest, Optional<Restored> restored) {}

    public RestAnswer<Overview> overview() throws InterruptedException {
        return http.get("/overview")
                .map(json -> new Overview(
                        json.path("flink-version").asText(),
                        json.path("taskmanagers").asInt(),
                        json.path("slots-total").asInt(),
                        json.path("slots-available").asInt(),
                        json.path("jobs-running").asInt()));
    }

    /** All uploaded jars, newest first. */
    public RestAnswer<List<Jar>> jars() throws InterruptedException {
        return http.get("/jars")
                .map(json -> elements(json.path("files"))
                        .map(file -> new Jar(
                                file.path("id").asText(),
                                file.path("name").asText(),
                                Instant.ofEpochMilli(file.path("uploaded").asLong())))
                        .sorted(Comparator.comparing(Jar::uploaded).reversed())
                        .toList());
    }

    /**
     * Uploads a jar under its file name.
     *
     * @return the id to run it by
     * @throws FileNotFoundException if there is no such file
     */
    public RestAnswer<String> upload(Path jar) throws InterruptedException, FileNotFoundException {
        String boundary = "breakwater-" + UUID.randomUUID();
        String head = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\""
                + jar.getFileName() + "\"\r\nContent-Type: application/x-java-archive\r\n\r\n";
        BodyPublisher body = BodyPublishers.concat(
                BodyPublishers.ofString(head, StandardCharsets.UTF_8),
                BodyPublishers.ofFile(jar),
                BodyPublishers.ofString("\r\n--" + boundary + "--\r\n", StandardCharsets.UTF_8));
        return http.send("POST", "/jars/upload", body, "multipart/form-data; boundary=" + boundary, UPLOAD_TIMEOUT)
                .map(json -> json.path("filename").asText().replaceFirst("^.*/", ""));
    }

    /** Refused with 404 if there is no such jar. */
    public RestAnswer<Boolean> deleteJar(String jarId) throws InterruptedException {
        return http.send("DELETE", "/jars/" + jarId).map(json -> true);
    }

    /**
     * Submits a job. It runs the jar's main method in the JobManager until it has built the job graph.
     *
     * @return the job's id; that it is RUNNING later does not mean that its restore went well
     */
    public RestAnswer<String> run(String jarId, Submission submission) throws InterruptedException {
        ObjectNode body = Json.MAPPER
                .createObjectNode()
                .put("entryClass", submission.entryClass())
                .put("parallelism", submission.parallelism());
        submission.args().forEach(body.putArray("programArgsList")::add);
        submission.jobId().ifPresent(id -> body.put("jobId", id));
        submission
                .savepoint()
                .ifPresent(path -> body.put("savepointPath", path)
                        .put("claimMode", "NO_CLAIM")
                        .put("allowNonRestoredState", false)
                        // With it no checkpoint completes after NO_CLAIM (FLINK-40476); without, its state is restored.
                        .putObject("flinkConfiguration")
                        .put("state.changelog.enabled", "false"));
        BodyPublisher publisher = BodyPublishers.ofString(body.toString());
        return http.send("POST", "/jars/" + jarId + "/run", publisher, "application/json", UPLOAD_TIMEOUT)
                .map(json -> json.path("jobid").asText());
    }

    /** All jobs that the cluster remembers, newest first. */
    public RestAnswer<List<Job>> jobs() throws InterruptedException {
        return http.get("/jobs/overview")
                .map(json -> elements(json.path("jobs"))
                        .map(job -> new Job(
                                job.path("jid").asText(),
                                job.path("name").asText(),
                                job.path("state").asText(),
                                Instant.ofEpochMilli(job.path("start-time").asLong())))
                        .sorted(Comparator.comparing(Job::started).reversed())
                        .toList());
    }

    /** The newest job of that name that is not at its end. */
    public RestAnswer<Optional<Job>> jobNamed(String name) throws InterruptedException {
        return jobs().map(jobs -> jobs.stream()
                .filter(job -> job.name().equals(name) && !job.terminal())
                .findFirst());
    }

    /** @return the id to poll {@link #savepoint} with */
    public RestAnswer<String> triggerSavepoint(String jobId, String targetDirectory, SavepointFormat format)
            throws InterruptedException {
        ObjectNode body = Json.MAPPER
                .createObjectNode()
                .put("target-directory", targetDirectory)
                .put("formatType", format.name())
                .put("cancel-job", false);
        return http.send("POST", "/jobs/" + jobId + "/savepoints", body)
                .map(json -> json.path("request-id").asText());
    }

    public RestAnswer<SavepointState> savepoint(String jobId, String triggerId) throws InterruptedException {
        return http.get("/jobs/" + jobId + "/savepoints/" + triggerId).map(FlinkRest::savepointState);
    }

    private static SavepointState savepointState(JsonNode json) {
        if (!json.path("status").path("id").asText().equals("COMPLETED")) {
            return new SavepointState.InProgress();
        }
        JsonNode operation = json.path("operation");
        return operation.has("location")
                ? new SavepointState.Completed(operation.path("location").asText())
                : new SavepointState.Failed(firstLines(operation.path("failure-cause")));
    }

    public RestAnswer<Checkpoints> checkpoints(String jobId) throws InterruptedException {
        return http.get("/jobs/" + jobId + "/checkpoints").map(FlinkRest::readCheckpoints);
    }

    private static Checkpoints readCheckpoints(JsonNode json) {
        JsonNode counts = json.path("counts");
        JsonNode latest = json.path("latest");
        return new Checkpoints(
                counts.path("restored").asInt(),
                counts.path("completed").asInt(),
                present(latest.path("completed"))
                        .map(c -> new Checkpoint(
                                c.path("id").asLong(),
                                c.path("is_savepoint").asBoolean(),
                                Instant.ofEpochMilli(c.path("trigger_timestamp").asLong()),
                                c.path("external_path").asText())),
                present(latest.path("restored"))
                        .map(r -> new Restored(
                                r.path("id").asLong(),
                                Instant.ofEpochMilli(r.path("restore_timestamp").asLong()),
                                r.path("external_path").asText())));
    }

    /** A setting of the cluster; empty if it is not set there. */
    public RestAnswer<Optional<String>> configured(String key) throws InterruptedException {
        return http.get("/jobmanager/config")
                .map(json -> elements(json)
                        .filter(entry -> entry.path("key").asText().equals(key))
                        .map(entry -> entry.path("value").asText())
                        .findFirst());
    }

    /** The JobManager's clock, by which checkpoints say when they were triggered. */
    public RestAnswer<Instant> clock(String jobId) throws InterruptedException {
        return http.get("/jobs/" + jobId)
                .map(json -> Instant.ofEpochMilli(json.path("now").asLong()));
    }

    /** Causes of the job's failures, newest first, each in its first lines. */
    public RestAnswer<List<String>> exceptions(String jobId) throws InterruptedException {
        return http.get("/jobs/" + jobId + "/exceptions").map(json -> {
            List<String> causes = new ArrayList<>();
            elements(json.path("exceptionHistory").path("entries")).forEach(entry -> causes.add(firstLines(entry)));
            return List.copyOf(causes);
        });
    }

    /** Asks for the end of a job; it ends a moment later. */
    public RestAnswer<Boolean> cancel(String jobId) throws InterruptedException {
        return http.send("PATCH", "/jobs/" + jobId + "?mode=cancel").map(json -> true);
    }

    private static String firstLines(JsonNode failure) {
        String trace =
                failure.path("stacktrace").asText(failure.path("stack-trace").asText());
        String causes =
                trace.lines().filter(line -> !line.startsWith("\t")).limit(5).collect(Collectors.joining("; "));
        return causes.isEmpty() ? failure.path("class").asText("no cause given") : causes;
    }

    private static Optional<JsonNode> present(JsonNode node) {
        return node.isObject() ? Optional.of(node) : Optional.empty();
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
