package io.breakwater.controller.runbook.steps;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.breakwater.controller.runbook.steps.JobRestore.Outcome;
import io.breakwater.controller.runbook.steps.JobRestore.Purpose;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.RestAnswer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a JobManager that says what a test wants of each job that was submitted. */
class JobRestoreTest {

    private static final String NONE = "{\"exceptionHistory\":{\"entries\":[]}}";
    private static final String FAILED =
            "{\"exceptionHistory\":{\"entries\":[{\"stacktrace\":\"java.io.IOException: Bad table magic number\"}]}}";
    private static final String RESTORED = "{\"counts\":{\"restored\":1,\"completed\":1},\"latest\":{"
            + "\"completed\":{\"id\":8,\"is_savepoint\":false,\"trigger_timestamp\":2000,\"external_path\":\"s3://b/c\"},"
            + "\"restored\":{\"id\":7,\"restore_timestamp\":1000,\"external_path\":\"s3://b/s\"}}}";

    private static final String NO_CHECKPOINT = "{\"counts\":{\"restored\":1,\"completed\":0},\"latest\":{"
            + "\"restored\":{\"id\":7,\"restore_timestamp\":1000,\"external_path\":\"s3://b/s\"}}}";

    private final Map<String, String> states = new ConcurrentHashMap<>();
    private final List<String> submitted = new ArrayList<>();
    private volatile String exceptions = NONE;
    private volatile String checkpoints = RESTORED;
    private volatile int status = 200;
    private HttpServer server;
    private FlinkRest flink;
    private JobRestore restore;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
        flink = new FlinkRest(url, Duration.ofSeconds(5));
        restore = new JobRestore(flink, "delays", "group|delays|2", Duration.ofSeconds(60), Purpose.MOVE);
    }

    @AfterEach
    void end() {
        server.stop(0);
    }

    @Test
    void aJobThatFailsAfterItsRestoreIsEndedAndSaysWhy() throws Exception {
        exceptions = FAILED;

        Outcome outcome = restore.from(position("newest"), this::submit, soon());

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Unusable.class,
                        unusable -> assertThat(unusable.reason())
                                .contains("failed after submission")
                                .contains("Bad table magic number"));
        assertThat(states).containsOnly(Map.entry(submitted.get(0), "CANCELED"));
    }

    @Test
    void anOlderSavepointIsTriedUnderAnotherJobId() throws Exception {
        exceptions = FAILED;
        restore.from(position("newest"), this::submit, soon());
        exceptions = NONE;

        Outcome outcome = restore.from(position("older"), this::submit, soon());

        assertThat(outcome).isInstanceOf(Outcome.Proven.class);
        assertThat(submitted).hasSize(2).doesNotHaveDuplicates();
        assertThat(states.get(submitted.get(1))).isEqualTo("RUNNING");
    }

    @Test
    void aJobManagerThatRestartsDecidesNothing() throws Exception {
        status = 503;

        Outcome outcome = restore.from(position("newest"), this::submit, soon());

        assertThat(outcome).isInstanceOf(Outcome.Undecided.class);
        assertThat(outcome.toString()).contains("list jobs").contains("503");
        assertThat(submitted).isEmpty();
    }

    @Test
    void aJobThatNeverCompletesACheckpointIsNotRestored() throws Exception {
        Outcome outcome = restore.from(
                position("newest"), id -> new RestAnswer.Ok<>(id), Instant.now().plusMillis(300));

        assertThat(outcome).isInstanceOf(Outcome.Undecided.class);
        assertThat(outcome.toString()).contains("not restored");
    }

    @Test
    void aJobThatIsRestoredAndCompletesNoCheckpointInItsTimeIsEnded() throws Exception {
        checkpoints = NO_CHECKPOINT;
        JobRestore impatient = new JobRestore(flink, "delays", "group|delays|2", Duration.ofMillis(300), Purpose.MOVE);

        Outcome outcome = impatient.from(position("newest"), this::submit, soon());

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Unusable.class,
                        unusable -> assertThat(unusable.reason()).contains("completed no checkpoint within PT0.3S"));
        assertThat(states).containsOnly(Map.entry(submitted.get(0), "CANCELED"));
    }

    @Test
    void aJobThatWasRestoredTwiceHasNotProvenItself() throws Exception {
        checkpoints = RESTORED.replace("\"restored\":1", "\"restored\":2");

        Outcome outcome =
                restore.from(position("newest"), this::submit, Instant.now().plusMillis(300));

        assertThat(outcome).isInstanceOf(Outcome.Undecided.class);
    }

    @Test
    void aDrillLeavesOtherJobsOfTheNameAloneAndItsOwnIdSaysWhatItIs() throws Exception {
        states.put("0123", "RUNNING");
        JobRestore drill = new JobRestore(flink, "delays", "drill", Duration.ofSeconds(60), Purpose.DRILL);

        Outcome outcome = drill.from(position("newest"), this::submit, soon());

        assertThat(outcome).isInstanceOf(Outcome.Proven.class);
        assertThat(states).containsEntry("0123", "RUNNING").hasSize(2);
        assertThat(submitted).singleElement().satisfies(id -> {
            assertThat(id).hasSize(32).isEqualTo(drill.jobId("s3://b/newest", 1));
            assertThat(JobRestore.isDrill(id)).isTrue();
        });
        assertThat(JobRestore.isDrill(restore.jobId("s3://b/newest", 1))).isFalse();
    }

    private RestAnswer<String> submit(String jobId) {
        submitted.add(jobId);
        states.put(jobId, "RUNNING");
        return new RestAnswer.Ok<>(jobId);
    }

    private static Instant soon() {
        return Instant.now().plusSeconds(60);
    }

    private static ReplicaPosition position(String name) {
        return ReplicaPosition.ofWriter(Instant.EPOCH, OffsetVector.EMPTY, name, "s3://b/" + name);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String[] parts = path.split("/", -1);
        String body = "{}";
        int code = status;
        if (path.equals("/jobs/overview")) {
            body = overview();
        } else if (exchange.getRequestMethod().equals("PATCH")) {
            states.put(parts[2], "CANCELED");
        } else if (!states.containsKey(parts[2])) {
            code = 404;
        } else {
            body = path.endsWith("/exceptions") ? exceptions : checkpoints;
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private String overview() {
        List<String> jobs = new ArrayList<>();
        states.forEach((id, state) -> jobs.add(
                "{\"jid\":\"" + id + "\",\"name\":\"delays\",\"state\":\"" + state + "\",\"start-time\":1000}"));
        return "{\"jobs\":[" + String.join(",", jobs) + "]}";
    }
}
