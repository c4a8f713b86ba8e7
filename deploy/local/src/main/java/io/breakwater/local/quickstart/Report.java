package io.breakwater.local.quickstart;

import io.breakwater.local.outcome.Outcome.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Tables for people. */
final class Report {

    private Report() {}

    static List<String> timeline(Timeline timeline) {
        List<String> lines = new ArrayList<>(List.of("", "timeline, seconds since the kill"));
        timeline.seconds()
                .forEach((event, at) ->
                        lines.add(String.format(Locale.ROOT, "  %8.2f  %s", at, event.replace('_', ' '))));
        lines.add("");
        return lines;
    }

    static List<String> checks(List<Check> checks) {
        List<String> lines = new ArrayList<>(List.of("", "outcome against targets"));
        int width =
                checks.stream().mapToInt(check -> check.name().length()).max().orElse(1);
        for (Check check : checks) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %s  %-" + width + "s  %s",
                    check.passed() ? "ok    " : "FAILED",
                    check.name(),
                    check.detail()));
        }
        long failed = checks.stream().filter(check -> !check.passed()).count();
        lines.add("");
        lines.add(failed == 0 ? "all " + checks.size() + " checks held" : failed + " of " + checks.size() + " FAILED");
        return lines;
    }
}
