package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.core.StepRun;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.Runbook;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Lets some time pass, counted from the step's first beginning, so that a new leader waits only for the rest. */
public final class WaitStep implements RunbookStep {

    private static final String FOR = "for";

    @Override
    public String id() {
        return "wait";
    }

    @Override
    public List<String> check(Runbook.Entry entry) {
        List<String> wrong = EntrySettings.keys(entry, Set.of(FOR), Set.of());
        if (entry.with().containsKey(FOR)) {
            Optional<Duration> time = EntrySettings.duration(entry.with(), FOR);
            if (time.filter(t -> !t.isNegative()).isEmpty()) {
                wrong.add("with.for: '" + entry.with().get(FOR) + "'; a duration such as PT30S is needed");
            } else if (time.orElseThrow().compareTo(entry.timeout()) >= 0) {
                wrong.add("with.for: " + time.orElseThrow() + " does not fit into the step's timeout of "
                        + entry.timeout());
            }
        }
        return wrong;
    }

    @Override
    public String preview(Preview preview) {
        return "waits for " + preview.entry().with().get(FOR);
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        Duration time = EntrySettings.duration(context.settings(), FOR).orElse(Duration.ZERO);
        Instant until = context.operation()
                .step(context.step())
                .map(StepRun::beganAt)
                .orElseGet(Instant::now)
                .plus(time);
        return Waiting.until(context, state -> !context.now().isBefore(until))
                ? StepOutcome.done()
                : new StepOutcome.Failed("waits until " + until);
    }
}
