package io.breakwater.controller.app;

import io.breakwater.controller.consensus.AppliedListener;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.core.Transition;
import io.breakwater.controller.core.Verdict;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the node's log what changed in the control state, with the fixed keys. */
final class EventLog implements AppliedListener {

    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);

    @Override
    public void applied(ControlState before, ControlEvent event, Transition transition) {
        ControlState after = transition.state();
        Set<String> regions = new TreeSet<>(after.votes().keySet());
        for (String region : regions) {
            Verdict was = before.verdict(region, before.now());
            Verdict is = after.verdict(region, after.now());
            if (was != is) {
                LOG.info("region={} verdict={} was={}", region, is, was);
            }
        }
        after.groups().forEach((name, group) -> before.group(name).ifPresent(last -> group(name, last, group)));
        for (Operation operation : after.operations()) {
            Optional<Operation> last = before.operation(operation.id());
            if (last.filter(l -> l.state() == operation.state()).isEmpty()) {
                LOG.info(
                        "group={} epoch={} operation={} kind={} state={} by={} reason={}",
                        operation.group(),
                        operation.epoch(),
                        operation.id(),
                        operation.kind(),
                        operation.state(),
                        operation.requestedBy(),
                        operation.failure().orElse(operation.reason()));
            }
        }
    }

    private static void group(String name, GroupState last, GroupState group) {
        if (!last.active().equals(group.active())
                || !last.epoch().equals(group.epoch())
                || !last.gates().equals(group.gates())
                || last.lease().lapsed() != group.lease().lapsed()) {
            LOG.info(
                    "group={} epoch={} active={} ingress={} pipeline={} lapsed={}",
                    name,
                    group.epoch(),
                    group.active(),
                    group.gates().ingress(),
                    group.gates().pipeline(),
                    group.lease().lapsed());
        }
    }
}
