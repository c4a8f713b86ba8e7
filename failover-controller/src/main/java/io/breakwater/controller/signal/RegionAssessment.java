package io.breakwater.controller.signal;

import io.breakwater.controller.core.RegionVerdict;
import io.breakwater.controller.core.Verdict;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What this node makes of one region now, and why. */
public record RegionAssessment(String region, List<SignalAssessment> signals) {

    public RegionAssessment {
        signals = List.copyOf(signals);
    }

    /**
     * DOWN if enough classes are down. UP if so few classes are down or unknown that the region cannot be DOWN, and
     * one at least is up. Else UNKNOWN. A class is down if one of its signals is. Only signals that count are asked.
     */
    public RegionVerdict verdict() {
        Set<String> down = classes(Verdict.DOWN);
        Set<String> unknown = classes(Verdict.UNKNOWN);
        Set<String> up = classes(Verdict.UP);
        up.removeAll(down);
        up.removeAll(unknown);
        Set<String> perhapsDown = new TreeSet<>(unknown);
        perhapsDown.addAll(down);
        Verdict verdict = Verdict.UNKNOWN;
        if (down.size() >= RegionVerdict.CLASSES_NEEDED) {
            verdict = Verdict.DOWN;
        } else if (perhapsDown.size() < RegionVerdict.CLASSES_NEEDED && !up.isEmpty()) {
            verdict = Verdict.UP;
        }
        return RegionVerdict.of(verdict, down, up);
    }

    private Set<String> classes(Verdict verdict) {
        return signals.stream()
                .filter(signal -> signal.counts() && signal.verdict() == verdict)
                .map(SignalAssessment::signalClass)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
