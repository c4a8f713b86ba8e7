package io.breakwater.controller.runbook;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.core.Reply;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Receipt;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What a step knows while it runs. Used by the step's thread only. */
public interface StepContext {

    Platform platform();

    String group();

    /** As it is now; its earlier steps are done. */
    Operation operation();

    /** Under which the operation has this run: the entry's name in the runbook. */
    default String step() {
        return "";
    }

    /** The entry's own settings, already checked. */
    default Map<String, String> settings() {
        return Map.of();
    }

    /** Of the operation: what each of the step's effects carries. */
    Epoch epoch();

    /** From the region that is left to the region that is promoted. */
    Flow flow();

    /**
     * The detail of a step that is done: of this operation, else of another one of the same group and epoch (so that
     * the ledger finds what the failover recorded).
     *
     * @param type a record that {@code Json.MAPPER} reads
     */
    <T> Optional<T> findDetail(String step, Class<T> type);

    /** @throws IllegalStateException if no such step is done, or its detail is of another form */
    default <T> T detail(String step, Class<T> type) {
        return findDetail(step, type)
                .orElseThrow(() -> new IllegalStateException("step " + step + " of group " + group() + " in epoch "
                        + epoch() + " left no detail: it must be done before"));
    }

    /** The newest part of the receipts of the region that is promoted, oldest first. */
    List<Receipt> receipts();

    /** As it is now on this node. */
    ControlState state();

    /**
     * Through consensus, repeated until it is answered.
     *
     * @throws InterruptedException if the node has lost the lead
     */
    Reply propose(ControlEvent event) throws InterruptedException;

    /** When the runner gives up on this run. */
    Instant deadline();

    /** By the clock that {@link #deadline()} goes by. */
    default Instant now() {
        return Instant.now();
    }

    /**
     * Lets time pass.
     *
     * @throws InterruptedException if the step's time is over, or the node has lost the lead
     */
    default void pause(Duration time) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(time.toMillis());
    }
}
