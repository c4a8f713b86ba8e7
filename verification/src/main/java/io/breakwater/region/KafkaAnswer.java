package io.breakwater.region;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TimeoutException;

/** Waits for answers of a Kafka {@link org.apache.kafka.clients.admin.Admin}, with a limit. */
public final class KafkaAnswer {

    public static final Duration LIMIT = Duration.ofSeconds(10);

    private KafkaAnswer() {}

    /**
     * @param what was asked, for the message of a failure
     * @throws KafkaException of the type that Kafka gave; a {@link TimeoutException} after {@link #LIMIT}
     */
    public static <T> T await(KafkaFuture<T> answer, String what) throws InterruptedException {
        try {
            return answer.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KafkaException failure) {
                throw failure;
            }
            throw new KafkaException(what + ": " + e.getCause(), e);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new TimeoutException(what + ": no answer in " + LIMIT, e);
        }
    }
}
