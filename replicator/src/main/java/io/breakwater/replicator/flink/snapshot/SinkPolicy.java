package io.breakwater.replicator.flink.snapshot;

import java.util.Arrays;

/** What becomes of the state of sinks with two-phase commit, whose transactions belong to the source's cluster. */
public enum SinkPolicy {
    /**
     * Committables and writer state are emptied; the restored job must use another transactional id prefix. Loses
     * output unless a later checkpoint has committed it on the source and it is mirrored.
     */
    DROP_WITH_NEW_PREFIX("drop-with-new-prefix"),
    /** Left as it is: for sinks whose state names nothing of the source region. */
    KEEP("keep"),
    /** A snapshot whose sinks hold any such state is refused. */
    REFUSE("refuse");

    private final String setting;

    SinkPolicy(String setting) {
        this.setting = setting;
    }

    /** @throws IllegalArgumentException if the text is none of the settings */
    public static SinkPolicy parse(String setting) {
        return Arrays.stream(values())
                .filter(policy -> policy.setting.equals(setting))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("sink: '" + setting + "' is unknown; there are "
                        + Arrays.stream(values()).map(p -> p.setting).toList()));
    }

    @Override
    public String toString() {
        return setting;
    }
}
