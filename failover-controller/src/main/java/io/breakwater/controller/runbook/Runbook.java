package io.breakwater.controller.runbook;

import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.YamlFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an operation of a kind does, in order. One file of {@code runbooks/}, with a text of the same name beside it.
 *
 * @param runbook its name, which is the operation's kind and the file's name
 */
public record Runbook(String runbook, List<Entry> steps) {

    /**
     * @param step the id of a {@link RunbookStep}
     * @param timeout how long it may take, with all its retries
     * @param onFailure what happens when that time is over after the point of no return; before it, and in an
     *     operation that has none, the operation fails and what it did is undone
     */
    public record Entry(String step, Duration timeout, Retry retry, Optional<OnFailure> onFailure) {
        public Entry {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException(
                        "timeout " + timeout + " of step " + step + ": above zero is needed");
            }
        }
    }

    /** @param every the wait between the end of a failed attempt and the next one */
    public record Retry(Duration every) {
        public Retry {
            if (every.isNegative() || every.isZero()) {
                throw new IllegalArgumentException("retry.every " + every + ": above zero is needed");
            }
        }
    }

    /** Lower case as in the file. */
    public enum OnFailure {
        /** The step is begun again, for as long as it takes: there is only forward. The default. */
        again,
        /** The operation ends as failed, with what is done left done. */
        fail
    }

    public Runbook {
        steps = List.copyOf(steps);
    }

    /**
     * @param known ids of all steps
     * @throws InvalidPlatformException if the file is missing or wrong; each line names file, path and remedy
     */
    public static Runbook load(Path directory, String name, Set<String> known) {
        Path file = directory.resolve(name + ".yaml");
        Runbook runbook = YamlFile.read(file, "runbook", Runbook.class);
        List<String> wrong = new ArrayList<>();
        if (!runbook.runbook().equals(name)) {
            wrong.add(file + ": runbook: is '" + runbook.runbook() + "', the file's name says '" + name + "'");
        }
        if (runbook.steps().isEmpty()) {
            wrong.add(file + ": steps: at least one is needed");
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < runbook.steps().size(); i++) {
            String step = runbook.steps().get(i).step();
            if (!known.contains(step)) {
                wrong.add(file + ": steps[" + i + "].step: no step '" + step + "'; there are " + known);
            }
            if (!seen.add(step)) {
                wrong.add(file + ": steps[" + i + "].step: '" + step + "' is there twice");
            }
        }
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong);
        }
        return runbook;
    }
}
