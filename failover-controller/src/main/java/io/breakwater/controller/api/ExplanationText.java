package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** An explanation as a person reads it at night: the answer first, then who says so and why, then what follows. */
final class ExplanationText {

    private static final double OLD_SECONDS = 5;

    private final StringBuilder text = new StringBuilder();
    private final Instant at;

    private ExplanationText(Instant at) {
        this.at = at;
    }

    /** @param explanation as {@link ExplanationView} has it */
    static String of(JsonNode explanation) {
        ExplanationText text =
                new ExplanationText(Instant.parse(explanation.path("at").asText()));
        text.head(explanation);
        explanation.path("observers").forEach(text::observer);
        explanation.path("groups").forEach(text::group);
        explanation.path("left").forEach(text::left);
        explanation.path("fences").forEach(text::fence);
        if (explanation.path("groups").isEmpty()) {
            text.line("No group is active in " + explanation.path("region").asText() + ": nothing follows from this.");
        }
        return text.text.toString();
    }

    private void head(JsonNode explanation) {
        String verdict = explanation.path("verdict").asText();
        long agreeing = 0;
        for (JsonNode observer : explanation.path("observers")) {
            agreeing += observer.path("vote").asText().equals(verdict) ? 1 : 0;
        }
        int all = explanation.path("observers").size();
        line(explanation.path("region").asText() + " is " + verdict + ": " + agreeing + " of " + all
                + " observers say so" + (verdict.equals("UNKNOWN") ? ", and no majority says UP or DOWN" : "") + ".");
        if (explanation.path("behindSeconds").asDouble() > OLD_SECONDS) {
            line("CAREFUL: node " + explanation.path("node").asText() + " has heard nothing for "
                    + explanation.path("behindSeconds").asLong()
                    + " s. It may be cut off from the others: ask another.");
        }
    }

    private void observer(JsonNode observer) {
        line("");
        line("Observer " + observer.path("node").asText() + " says "
                + observer.path("vote").asText() + vote(observer));
        if (!observer.path("answers").asBoolean()) {
            line("  it does not answer now, so its signals are not known here");
            return;
        }
        observer.path("signals").forEach(this::signal);
    }

    private String vote(JsonNode observer) {
        if (observer.path("silentSeconds").isNull()) {
            return ", because it has never voted";
        }
        if (observer.path("silentSeconds").asDouble() > OLD_SECONDS) {
            return ", because it has not voted for "
                    + observer.path("silentSeconds").asLong() + " s";
        }
        List<String> parts = new ArrayList<>();
        if (!observer.path("downSince").isNull()) {
            parts.add("since " + since(observer.path("downSince").asText()));
        }
        classes(parts, "down", observer.path("downClasses"));
        classes(parts, "up", observer.path("upClasses"));
        return parts.isEmpty() ? ": it knows nothing of any signal class" : ": " + String.join("; ", parts);
    }

    private static void classes(List<String> parts, String what, JsonNode classes) {
        List<String> names = new ArrayList<>();
        classes.forEach(name -> names.add(name.asText()));
        if (!names.isEmpty()) {
            parts.add(what + " " + String.join(", ", names));
        }
    }

    private void signal(JsonNode signal) {
        String verdict = signal.path("verdict").asText();
        StringBuilder said = new StringBuilder("  ")
                .append(signal.path("signal").asText())
                .append(signal.path("counts").asBoolean() ? "" : " (only shown)")
                .append(" is ")
                .append(verdict)
                .append(" since ")
                .append(since(signal.path("since").asText()));
        if (!signal.path("detail").asText().isEmpty()) {
            said.append(": ").append(signal.path("detail").asText());
        } else if (signal.path("lastTrouble").isObject()) {
            said.append("; last trouble ")
                    .append(since(signal.at("/lastTrouble/at").asText()))
                    .append(": ")
                    .append(signal.at("/lastTrouble/reason").asText());
        }
        line(said.toString());
    }

    private void group(JsonNode group) {
        line("");
        line("Group " + group.path("group").asText() + " is active here, its standby is "
                + group.path("standby").asText() + ", its mode "
                + group.path("mode").asText() + ".");
        group.path("rules")
                .forEach(rule -> line("  " + (rule.path("holds").asBoolean() ? "holds     " : "HOLDS NOT ") + "rule "
                        + rule.path("rule").asText() + ", " + rule.path("name").asText() + ": "
                        + rule.path("text").asText()));
        if (group.path("denials").isEmpty()) {
            line("  An automatic failover is due.");
            return;
        }
        line("  No automatic failover, because:");
        group.path("denials")
                .forEach(denial -> line("    - " + denial.path("message").asText()));
    }

    private void left(JsonNode group) {
        line("");
        String name = group.path("group").asText();
        line("Group " + name + " has left this region, it is active in "
                + group.path("active").asText() + ".");
        if (group.path("jobsClosed").asBoolean()) {
            line("  None of its jobs runs here.");
        } else if (group.path("trouble").isNull()) {
            line("  Nobody has looked for its jobs here yet.");
        } else {
            line("  Its jobs here are NOT known to be ended, and are looked for again and again: "
                    + group.path("trouble").asText());
        }
        group.path("ended")
                .forEach(job -> line("  ended "
                        + since(job.path("at").asText()) + ": job "
                        + job.path("job").asText() + " (" + job.path("jobId").asText() + "), last snapshot "
                        + (job.path("snapshot").isNull()
                                ? "none"
                                : job.path("snapshot").asText() + " ("
                                        + job.path("kept").asText() + ")")));
    }

    private void fence(JsonNode fence) {
        line("");
        String head =
                "Only ACLs close this region for group " + fence.path("group").asText() + ": ";
        if (fence.path("confirmed").asBoolean()) {
            line(head + "they do, as each live broker has shown (" + numbers(fence.path("brokers")) + ").");
        } else if (!fence.path("trouble").isNull()) {
            line(head + "it is NOT known to be closed. " + fence.path("trouble").asText());
        } else {
            line(head
                    + (fence.path("active").asBoolean()
                            ? "it is open, because the group is active here."
                            : "nobody has looked at it yet."));
        }
    }

    private static String numbers(JsonNode brokers) {
        List<String> numbers = new ArrayList<>();
        brokers.forEach(broker -> numbers.add(broker.asText()));
        return String.join(", ", numbers);
    }

    private String since(String time) {
        long seconds = Duration.between(Instant.parse(time), at).toSeconds();
        return time + (seconds >= 0 ? " (" + seconds + " s ago)" : "");
    }

    private void line(String words) {
        text.append(words).append('\n');
    }
}
