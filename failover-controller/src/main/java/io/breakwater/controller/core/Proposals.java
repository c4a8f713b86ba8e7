package io.breakwater.controller.core;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.ControlEvent.LeaseLapsed;
import io.breakwater.controller.core.ControlEvent.OperationDecided;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Policy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a leader proposes because the time has come. The machine checks each of them again when it is applied. */
public final class Proposals {

    private Proposals() {}

    /** @param now the leader's clock */
    public static List<ControlEvent> due(ControlState state, Instant now, LeaderFacts facts) {
        List<ControlEvent> due = new ArrayList<>();
        if (!state.settings().equals(facts.settings())) {
            due.add(new ControlEvent.PlatformAdopted(facts.settings()));
        }
        ControlState current = state.at(now);
        current.groups().forEach((name, group) -> {
            failover(current, name, group).ifPresent(due::add);
            lapse(current, name, group, facts).ifPresent(due::add);
            ledger(current, name, group).ifPresent(due::add);
        });
        return due;
    }

    private static Optional<ControlEvent> failover(ControlState state, String name, GroupState group) {
        List<Denial> denials = Guards.automatic(state, name, group, state.now());
        boolean advised = Guards.wantsAPerson(denials) && !group.awaitsApproval(state.now());
        if (!denials.isEmpty() && !advised) {
            return Optional.empty();
        }
        String reason = "a majority of nodes votes " + group.active() + " DOWN";
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        detail.put("from", group.active()).put("to", group.standby()).put("reason", reason);
        if (advised) {
            detail.put("waitsFor", "a person's approval");
        }
        ObjectNode votes = detail.putObject("votes");
        state.votes(group.active()).forEach((node, vote) -> {
            ObjectNode one = votes.putObject(node);
            one.put("verdict", vote.verdict().verdict().name());
            vote.verdict().downClasses().forEach(one.withArray("downClasses")::add);
            vote.downSince().ifPresent(since -> one.put("downSince", since.toString()));
        });
        return Optional.of(
                decided(state, Operation.FAILOVER, name, group, group.epoch().next(), reason, detail));
    }

    private static Optional<ControlEvent> lapse(ControlState state, String name, GroupState group, LeaderFacts facts) {
        if (group.lease().lapsed()
                || Leases.leaving(state, group).isEmpty()
                || Fences.areAcls(state, name, group.active())) {
            return Optional.empty();
        }
        Policy policy = Guards.policy(state, name);
        Duration needed = policy.lease().plus(policy.leaseMargin());
        return facts.quiet().getOrDefault(name, Duration.ZERO).compareTo(needed) < 0
                ? Optional.empty()
                : Optional.of(new LeaseLapsed(name, group.epoch(), group.lease().renewalIndex()));
    }

    private static Optional<ControlEvent> ledger(ControlState state, String name, GroupState group) {
        return Guards.ledgerOf(state, name, group).map(failover -> {
            String reason = "Kafka of " + group.standby() + " answers again after failover " + failover.id();
            ObjectNode detail = JsonNodeFactory.instance.objectNode();
            detail.put("failover", failover.id()).put("reason", reason);
            return decided(state, Operation.LEDGER, name, group, group.epoch(), reason, detail);
        });
    }

    private static OperationDecided decided(
            ControlState state,
            String kind,
            String name,
            GroupState group,
            Epoch epoch,
            String reason,
            ObjectNode detail) {
        String id = freeId(state, kind + "-" + name + "-" + epoch);
        EvidenceEntry entry = new EvidenceEntry(
                state.now(), kind + "-decided", name, Optional.of(epoch), Optional.of(id), Optional.empty(), detail);
        return new OperationDecided(id, kind, name, group.epoch(), reason, entry.texts());
    }

    /** The same for every leader in the same state, so that a repeated proposal begins nothing twice. */
    private static String freeId(ControlState state, String wanted) {
        String id = wanted;
        for (int i = 2; state.operation(id).isPresent(); i++) {
            id = wanted + "-" + i;
        }
        return id;
    }
}
