package io.breakwater.controller.runbook;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.YamlFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an operation of a kind does, in order. One file of {@code runbooks/}, with a text of the same name beside it.
 *
 * @param runbook its name, which is the operation's kind and the file's name
 */
public record Runbook(String runbook, List<Entry> steps) {

    /**
     * @param step the id of a {@link RunbookStep}
     * @param name of this entry, where a step is there more than once; the step's id if absent
     * @param with the step's own settings
     * @param timeout how long it may take, with all its retries
     * @param onFailure what happens when that time is over after the point of no return; before it, and in an
     *     operation that has none, the operation fails and what it did is undone
     */
    public record Entry(
            String step,
            Optional<String> name,
            Duration timeout,
            Retry retry,
            Optional<OnFailure> onFailure,

            @JsonSetter(nulls = Nulls.AS_EMPTY, contentNulls = Nulls.FAIL)
            Map<String, String> with) {

        private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

        /** Under the step's own id, without settings. */
        public Entry(String step, Duration timeout, Retry retry, Optional<OnFailure> onFailure) {
            this(step, Optional.empty(), timeout, retry, onFailure, Map.of());
        }

        public Entry {
            with = Map.copyOf(with);
            name.filter(text -> !NAME.matcher(text).matches()).ifPresent(text -> {
                throw new IllegalArgumentException(
                        "name '" + text + "' of step " + step + ": words of a to z and 0 to 9 with - between them");
            });
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException(
                        "timeout " + timeout + " of step " + step + ": above zero is needed");
            }
        }

        /** Unique in its runbook; also how the operation names it. */
        public String id() {
            return name.orElse(step);
        }
    }

    /**
     * Reads a runbook and holds each entry against its step, and their order against what is safe.
     *
     * @param steps all there are, by id
     * @throws InvalidPlatformException if the file is missing or wrong; each line names file, path and remedy
     */
    public static Runbook load(Path directory, String name, Map<String, RunbookStep> steps) {
        Runbook runbook = load(directory, name, steps.keySet());
        Path file = directory.resolve(name + ".yaml");
        List<String> wrong =
                runbook.wrong(steps).stream().map(line -> file + ": " + line).toList();
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong);
        }
        return runbook;
    }

    /** What is wrong with its entries and their order; empty if nothing is. */
    public List<String> wrong(Map<String, RunbookStep> known) {
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Entry entry = steps.get(i);
            RunbookStep step = known.get(entry.step());
            String at = "steps[" + i + "]";
            if (step == null) {
                wrong.add(at + ".step: no step '" + entry.step() + "'; there are " + known.keySet());
            } else {
                step.check(entry).forEach(line -> wrong.add(at + "." + line));
            }
        }
        wrong.addAll(SafeOrder.wrong(this));
        return wrong;
    }

    /** How long it can take at most if nothing is begun again. */
    public Duration longest() {
        return steps.stream().map(Entry::timeout).reduce(Duration.ZERO, Duration::plus);
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
            if (!seen.add(runbook.steps().get(i).id())) {
                wrong.add(file + ": steps[" + i + "].step: '"
                        + runbook.steps().get(i).id() + "' is there twice; give each a name of its own");
            }
        }
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong);
        }
        return runbook;
    }
}
