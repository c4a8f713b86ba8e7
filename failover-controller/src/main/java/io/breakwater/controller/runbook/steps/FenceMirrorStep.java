package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.fence.WriteProbe;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.ConnectorName;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Region.ConnectCluster;
import io.breakwater.platform.Region.KafkaCluster;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.KafkaSettings;
import io.breakwater.region.RegionClients;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SecurityDisabledException;

/**
 * Makes sure that nothing of the old flow lands on the region that is promoted any more, whatever its Connect worker
 * does or will do: denies the flow's principal, waits until every broker refuses it, ends its transactions.
 *
 * <p>Invariant: when it is done, no record of the flow becomes visible on the target that is not already written and
 * committed or about to be committed; {@link RecordSegmentsStep} waits for those.
 */
public final class FenceMirrorStep implements RunbookStep {

    private final RegionClients clients;

    /** @param transactionalIds those that were fenced */
    private record Detail(String principal, SortedSet<Integer> refusingBrokers, SortedSet<String> transactionalIds) {}

    public FenceMirrorStep(RegionClients clients) {
        this.clients = clients;
    }

    @Override
    public String id() {
        return "fence-mirror";
    }

    @Override
    public String preview(Preview preview) {
        return "denies "
                + preview.platform().region(preview.flow().to()).kafka().mirrorPrincipal() + " on Kafka of "
                + preview.flow().to() + ", fences its transactions, and proves that it cannot write";
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        Flow flow = context.flow();
        KafkaCluster target = context.platform().region(flow.to()).kafka();
        Admin admin = clients.admin(flow.to());
        try {
            new MirrorFence(admin, target.mirrorPrincipal()).raise();
            SortedSet<Integer> refusing;
            try (WriteProbe probe = WriteProbe.open(admin, MirrorFence.PROBE_TOPIC, KafkaSettings.mirror(target))) {
                Set<Integer> open = probe.openBrokers(context.deadline());
                if (!open.isEmpty()) {
                    return new StepOutcome.Failed(target.mirrorPrincipal() + " can still write on brokers " + open
                            + " of region " + flow.to() + " although it is denied");
                }
                refusing = probe.brokers();
            }
            SortedSet<String> ids = transactionalIds(admin, context.group(), flow);
            if (!ids.isEmpty()) {
                KafkaAnswer.await(admin.fenceProducers(ids).all(), "fence the flow's producers");
            }
            FlowStop.begin(clients.connect(flow.to()), context.group(), flow, () -> isOfEpoch(context));
            return StepOutcome.done(new Detail(target.mirrorPrincipal(), refusing, ids));
        } catch (SecurityDisabledException e) {
            return new StepOutcome.Failed("the Kafka cluster of region " + flow.to()
                    + " has no authorizer, so the mirror"
                    + " of " + flow + " cannot be fenced on it: set authorizer.class.name on its brokers, and begin"
                    + " the operation again");
        } catch (KafkaException e) {
            return new StepOutcome.Failed("fencing the mirror of " + flow + " on region " + flow.to() + ": " + e);
        }
    }

    private static boolean isOfEpoch(StepContext context) {
        return context.state()
                .group(context.group())
                .filter(group -> group.epoch().equals(context.epoch()))
                .isPresent();
    }

    /** Of the Connect worker's exactly-once producers for this flow: {@code <group.id>-<connector>-<task>}. */
    private static SortedSet<String> transactionalIds(Admin admin, String group, Flow flow)
            throws InterruptedException {
        String worker = ConnectCluster.workerGroup(flow.to()) + "-";
        Stream<String> known = KafkaAnswer.await(admin.listTransactions().all(), "list transactions").stream()
                .map(TransactionListing::transactionalId);
        return known.filter(id -> id.startsWith(worker)
                        && ConnectorName.belongsTo(
                                id.substring(worker.length()).replaceFirst("-\\d+$", ""), group, flow))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
