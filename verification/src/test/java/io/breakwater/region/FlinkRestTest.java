package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.breakwater.region.FlinkRest.Job;
import io.breakwater.region.FlinkRest.SavepointState;
import io.breakwater.region.FlinkRest.Submission;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against answers as Flink 2.2.1 gave them; the real cluster is in the integration tests. */
class FlinkRestTest {

    private record Canned(int status, String body) {}

    private final Map<String, Canned> answers = new ConcurrentHashMap<>();
    private final Map<String, String> requests = new ConcurrentHashMap<>();
    private HttpServer server;
    private FlinkRest flink;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String call = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            requests.put(call, new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
            Canned canned = answers.getOrDefault(call, new Canned(404, "{\"errors\":[\"Not found\"]}"));
            byte[] body = canned.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(canned.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        flink = new FlinkRest(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"), Duration.ofSeconds(5));
    }

    @AfterEach
    void end() {
        server.stop(0);
    }

    @Test
    void findsTheNewestJobOfANameThatIsNotAtItsEnd() throws Exception {
        answers.put("GET /jobs/overview", new Canned(200, """
                {"jobs":[{"jid":"a","name":"delays","state":"RUNNING","start-time":1000},
                         {"jid":"b","name":"delays","state":"CANCELED","start-time":3000},
                         {"jid":"c","name":"delays","state":"RESTARTING","start-time":2000}]}"""));

        assertThat(flink.jobNamed("delays").ifOk())
                .hasValueSatisfying(job -> assertThat(job.map(Job::id)).hasValue("c"));
        assertThat(flink.jobNamed("other").ifOk()).hasValue(Optional.empty());
    }

    @Test
    void tellsCompletedFromFailedSavepoints() throws Exception {
        answers.put(
                "GET /jobs/j/savepoints/1",
                new Canned(200, "{\"status\":{\"id\":\"IN_PROGRESS\"},\"operation\":null}"));
        answers.put("GET /jobs/j/savepoints/2", new Canned(200, """
                {"status":{"id":"COMPLETED"},"operation":{"location":"s3://flink-east/savepoint-1"}}"""));
        answers.put("GET /jobs/j/savepoints/3", new Canned(200, """
                {"status":{"id":"COMPLETED"},"operation":{"failure-cause":{"class":"x.E",
                 "stack-trace":"x.E: no disk\\n\\tat a.b\\nCaused by: y.F: full"}}}"""));

        assertThat(flink.savepoint("j", "1").ifOk()).hasValue(new SavepointState.InProgress());
        assertThat(flink.savepoint("j", "2").ifOk())
                .hasValue(new SavepointState.Completed("s3://flink-east/savepoint-1"));
        assertThat(flink.savepoint("j", "3").ifOk())
                .hasValue(new SavepointState.Failed("x.E: no disk; Caused by: y.F: full"));
    }

    @Test
    void readsCheckpointsOfAJobThatWasNeverRestored() throws Exception {
        answers.put("GET /jobs/j/checkpoints", new Canned(200, """
                {"counts":{"restored":0,"completed":2},"latest":{"completed":{"id":7,"is_savepoint":false,
                 "trigger_timestamp":5,"external_path":"s3://c/chk-7"},"savepoint":null,"failed":null,"restored":null}}"""));

        FlinkRest.Checkpoints checkpoints = flink.checkpoints("j").ifOk().orElseThrow();

        assertThat(checkpoints.restored()).isEmpty();
        assertThat(checkpoints.restoredCount()).isZero();
        assertThat(checkpoints.latest().orElseThrow().id()).isEqualTo(7);
    }

    @Test
    void uploadsAJarAsMultipartAndRunsItWithoutClaiming(@TempDir Path directory) throws Exception {
        Path jar = Files.writeString(directory.resolve("job.jar"), "JAR-CONTENT");
        answers.put("POST /jars/upload", new Canned(200, "{\"filename\":\"/srv/web/upload/123_job.jar\"}"));
        answers.put("POST /jars/123_job.jar/run", new Canned(200, "{\"jobid\":\"abc\"}"));

        String id = flink.upload(jar).ifOk().orElseThrow();
        RestAnswer<String> run = flink.run(
                id,
                new Submission("x.Job", 2, List.of("--a", "b"), Optional.of("s3://f/1"), Optional.of("0".repeat(32))));

        assertThat(requests.get("POST /jars/upload"))
                .contains("filename=\"job.jar\"")
                .contains("JAR-CONTENT");
        assertThat(run.ifOk()).hasValue("abc");
        assertThat(requests.get("POST /jars/123_job.jar/run"))
                .contains("\"programArgsList\":[\"--a\",\"b\"]", "\"savepointPath\":\"s3://f/1\"", "\"NO_CLAIM\"")
                .contains("\"flinkConfiguration\":{\"state.changelog.enabled\":\"false\"}");
    }

    @Test
    void aRefusalIsNotSilence() throws Exception {
        assertThat(flink.overview())
                .isInstanceOfSatisfying(
                        RestAnswer.Refused.class,
                        refused -> assertThat(refused.status()).isEqualTo(404));

        server.stop(0);

        assertThat(flink.overview()).isInstanceOf(RestAnswer.Unreachable.class);
    }
}
