package io.breakwater.controller.runbook;

import io.breakwater.controller.core.Operation;
import org.slf4j.MDC;

/** The fixed keys of the structured log, for the lines of the present thread. */
final class LogKeys {

    private LogKeys() {}

    static void put(Operation operation) {
        MDC.put("group", operation.group());
        MDC.put("epoch", operation.epoch().toString());
        MDC.put("operation", operation.id());
    }

    static void put(Operation operation, RunbookStep step) {
        put(operation);
        MDC.put("step", step.id());
    }
}
