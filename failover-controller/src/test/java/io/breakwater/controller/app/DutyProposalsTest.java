package io.breakwater.controller.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Denial;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.runbook.Consensus;
import io.breakwater.platform.Epoch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class DutyProposalsTest {

    private static final ControlEvent LATE = new ControlEvent.FlowStarted("flights", new Epoch(2));

    private record Asked(String commandId, ControlEvent event) {}

    private final List<Asked> asked = new ArrayList<>();

    /** Whoever asks for anything but an entry of the log is refused. */
    private DutyProposals refusedBy(Denial denial) {
        Consensus consensus = new Consensus() {
            @Override
            public ControlState state() {
                return ControlState.EMPTY;
            }

            @Override
            public CompletionStage<Reply> propose(String commandId, ControlEvent event) {
                asked.add(new Asked(commandId, event));
                return CompletableFuture.completedFuture(
                        event instanceof ControlEvent.EvidenceRecorded
                                ? new Reply.Accepted()
                                : new Reply.Refused(List.of(denial)));
            }
        };
        return new DutyProposals(consensus, () -> Instant.EPOCH);
    }

    @Test
    void whatIsOfAnOldEpochLeavesItsTraceUnderOneId() throws Exception {
        DutyProposals proposals = refusedBy(new Denial.StaleEpoch(new Epoch(2), new Epoch(3)));

        assertThat(proposals.ask(LATE).isRefused()).isTrue();
        proposals.ask(LATE);

        assertThat(asked).hasSize(4);
        assertThat(asked.get(1).event()).isInstanceOf(ControlEvent.EvidenceRecorded.class);
        assertThat(asked.get(3).commandId()).isEqualTo(asked.get(1).commandId());
        assertThat(asked.get(2).commandId()).isNotEqualTo(asked.get(0).commandId());
    }

    @Test
    void whatIsRefusedForAnotherReasonLeavesNone() throws Exception {
        refusedBy(new Denial.NewerRenewalStands(1, 2)).ask(LATE);

        assertThat(asked).hasSize(1);
    }
}
