package io.breakwater.replicator.receipts;

import io.breakwater.replicator.FlowConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A source task that looks at something each second, or more often, and announces what it finds. While a cluster does not answer, the
 * task stays alive, repeats what still holds, and says so in the log once when it begins and once when it is over.
 */
public abstract class ReceiptTask extends SourceTask {

    private static final Logger LOG = LoggerFactory.getLogger(ReceiptTask.class);
    private static final Duration TURN = Duration.ofSeconds(1);

    private @Nullable FlowConfig config;
    private @Nullable ReceiptRecords receipts;
    private Optional<String> trouble = Optional.empty();
    private long nextTurn = System.nanoTime();

    /** Makes the clients; it need not reach any server. */
    protected abstract void open(FlowConfig config);

    /**
     * One look.
     *
     * @return receipts of what is new
     * @throws KafkaException if a cluster does not answer or refuses; the next turn tries again
     */
    protected abstract List<SourceRecord> turn(ReceiptRecords receipts, Instant now) throws InterruptedException;

    /** From the begin of one look to the begin of the next; a second unless a task says otherwise. */
    protected Duration pace() {
        return TURN;
    }

    @Override
    public final void start(Map<String, String> settings) {
        config = new FlowConfig(settings);
        receipts = new ReceiptRecords(config.groupName(), config.flow());
        open(config);
    }

    @Override
    public final @Nullable List<SourceRecord> poll() throws InterruptedException {
        if (receipts == null || config == null) {
            throw new IllegalStateException("polled before it was started");
        }
        long wait = nextTurn - System.nanoTime();
        if (wait > 0) {
            Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
        }
        nextTurn = System.nanoTime() + pace().toNanos();
        List<SourceRecord> records = new ArrayList<>();
        try {
            records.addAll(turn(receipts, Instant.now()));
            trouble.ifPresent(t -> LOG.info("{} goes on", subject()));
            trouble = Optional.empty();
        } catch (InterruptException e) {
            throw new InterruptedException(e.getMessage());
        } catch (KafkaException e) {
            note(e);
        }
        records.addAll(receipts.due(Instant.now()));
        return records.isEmpty() ? null : records;
    }

    private void note(KafkaException e) {
        nextTurn = System.nanoTime() + TURN.toNanos();
        String kind = e.getClass().getSimpleName();
        if (!trouble.equals(Optional.of(kind))) {
            LOG.warn("{} tries again each second: {}: {}", subject(), kind, e.getMessage());
        }
        trouble = Optional.of(kind);
    }

    private String subject() {
        return config == null
                ? getClass().getSimpleName()
                : "task=" + getClass().getSimpleName() + " group=" + config.groupName() + " flow=" + config.flow();
    }

    @Override
    public String version() {
        return AppInfoParser.getVersion();
    }
}
