package io.breakwater.replicator.kafka.cli;

import io.breakwater.region.ObjectStoreException;
import picocli.CommandLine;

/** How a command of one line says that it did nothing. */
public final class Failures {

    /** Done, and the answer is yes. */
    public static final int DONE = 0;
    /** Done, and the answer is no, or not all. */
    public static final int NOT_ALL = 1;
    /** Nothing was done: usage, a missing file, a cluster that does not answer. */
    public static final int NOT_DONE = 2;

    private Failures() {}

    /** What a person can act on goes to standard error in one line; everything else is a fault of ours. */
    public static CommandLine inOneLine(CommandLine line, String name) {
        return line.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof NotDoneException || failure instanceof ObjectStoreException) {
                command.getErr().println(name + ": " + failure.getMessage());
                return NOT_DONE;
            }
            throw failure;
        });
    }
}
