package io.breakwater.local.quickstart;

import io.breakwater.local.LocalRegion;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.Principal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What happens when servers of the killed region come back: closed, their jobs ended, read for the loss ledger. */
final class ReturnedHome {

    private static final Duration LEDGER_LIMIT = Duration.ofMinutes(3);
    private static final int WRITE_LIMIT_MS = 20_000;

    private final FailoverRun run;
    private final Progress progress;

    ReturnedHome(FailoverRun run, Progress progress) {
        this.run = run;
        this.progress = progress;
    }

    /** What became of an ordinary write to the returned region. */
    record WriteAttempt(boolean refused, String answer) {}

    /** Starts the servers that hold data and Flink, and writes to Kafka at once, as a client that knows nothing. */
    WriteAttempt restart(String topic) throws InterruptedException {
        LocalRegion home = run.platform().region(run.group().home());
        progress.line("starting " + home.kafka().name() + ", " + home.s3().name() + " and "
                + home.flink().name() + " again, with their data");
        home.s3().launch();
        home.kafka().launch();
        home.flink().launch();
        home.s3().awaitReady(progress);
        home.kafka().awaitReady(progress);
        WriteAttempt attempt = write(home, topic);
        progress.line("ordinary write to " + home.kafka().name() + ": " + attempt.answer());
        return attempt;
    }

    private static WriteAttempt write(LocalRegion home, String topic) throws InterruptedException {
        Map<String, Object> settings = new HashMap<>(home.kafka().client(Principal.APP));
        settings.put("delivery.timeout.ms", WRITE_LIMIT_MS);
        settings.put("request.timeout.ms", WRITE_LIMIT_MS / 2);
        settings.put("max.block.ms", WRITE_LIMIT_MS);
        byte[] value = "{\"id\":-1}".getBytes(StandardCharsets.UTF_8);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            long offset = producer.send(new ProducerRecord<>(topic, value))
                    .get(WRITE_LIMIT_MS, TimeUnit.MILLISECONDS)
                    .offset();
            return new WriteAttempt(false, "accepted at offset " + offset);
        } catch (ExecutionException e) {
            boolean refused = e.getCause() instanceof AuthorizationException;
            return new WriteAttempt(refused, (refused ? "refused: " : "failed: ") + e.getCause());
        } catch (TimeoutException e) {
            return new WriteAttempt(false, "no answer within " + WRITE_LIMIT_MS / 1000 + " s");
        }
    }

    /** Waits for the operation that the controller begins by itself when the region answers again. */
    OperationView awaitLedger(Instant killed) throws InterruptedException {
        String id = run.waiting()
                .until(
                        "the loss ledger's operation",
                        LEDGER_LIMIT,
                        () -> "not begun",
                        () -> run.controllers().latest("ledger"));
        return run.followToItsEnd(id, killed);
    }
}
