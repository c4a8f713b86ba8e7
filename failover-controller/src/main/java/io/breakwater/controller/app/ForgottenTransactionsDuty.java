package io.breakwater.controller.app;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.EvidenceEntry;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.runbook.steps.ForgottenTransactions;
import io.breakwater.controller.runbook.steps.ForgottenTransactions.Forgotten;
import io.breakwater.controller.runbook.steps.HangingTransaction;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.Region.ConnectCluster;
import io.breakwater.region.GroupTopics;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.RegionClients;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a transaction that a broker has forgotten ({@link ForgottenTransactions}) from stopping a flow for ever. In the
 * worker's own topics of the standby it stops all tasks, because each begins by reading the offsets to their end; in a
 * topic of the active region no reader of committed records gets past it, and so not the mirror. It is ended as its
 * coordinator recorded it. That it is ended is an entry of the evidence log before it is. On the leader; if one that has
 * been deposed and does not know does the same, the marker comes twice, which changes nothing.
 */
final class ForgottenTransactionsDuty implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(ForgottenTransactionsDuty.class);
    /** Also the time between the two looks that must find it; a coordinator writes its markers within seconds. */
    private static final long LOOK_MILLIS = 10_000;

    private final Platform platform;
    private final RegionClients clients;
    private final ControlPlane plane;
    private final DutyProposals proposals;
    private final BooleanSupplier leads;
    private final Clock clock;
    private final Map<String, Watched> watched = new HashMap<>();

    /** What is looked at for a group in a region. */
    private record Watched(GroupTopics topics, ForgottenTransactions transactions) {}

    ForgottenTransactionsDuty(
            Platform platform,
            RegionClients clients,
            ControlPlane plane,
            DutyProposals proposals,
            BooleanSupplier leads,
            Clock clock) {
        this.platform = platform;
        this.clients = clients;
        this.plane = plane;
        this.proposals = proposals;
        this.leads = leads;
        this.clock = clock;
    }

    @Override
    public void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
                if (leads.getAsBoolean()) {
                    for (Map.Entry<String, GroupState> group :
                            plane.state().groups().entrySet()) {
                        look(group.getKey(), group.getValue());
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** An operation looks itself where it needs to. */
    private void look(String name, GroupState group) throws InterruptedException {
        if (group.operation().isEmpty() && platform.groups().containsKey(name)) {
            for (String region : List.of(group.standby(), group.active())) {
                look(name, group, region);
            }
        }
    }

    private void look(String name, GroupState group, String region) throws InterruptedException {
        Watched there = watched.computeIfAbsent(
                name + "@" + region,
                key -> new Watched(new GroupTopics(platform.group(name)), new ForgottenTransactions(clients, region)));
        try {
            for (Forgotten forgotten : there.transactions().find(partitions(region, there.topics()))) {
                if (isRecorded(name, group, region, forgotten)) {
                    there.transactions().end(forgotten);
                    LOG.warn("group={} region={} ended as its coordinator recorded: {}", name, region, forgotten);
                }
            }
        } catch (KafkaException e) {
            LOG.info("group={} region={} whether transactions hang is not known: {}", name, region, e.getMessage());
        }
    }

    /** The group's, and what else the workers write to. */
    private List<PartitionKey> partitions(String region, GroupTopics topics) throws InterruptedException {
        Admin admin = clients.admin(region);
        List<PartitionKey> partitions = new ArrayList<>(topics.partitions(admin, clock.instant()));
        Set<String> own = new HashSet<>(KafkaAnswer.await(admin.listTopics().names(), "list topics"));
        own.retainAll(Set.of(ConnectCluster.OFFSETS_TOPIC, Receipt.TOPIC));
        KafkaAnswer.await(admin.describeTopics(own).allTopicNames(), "describe " + own)
                .forEach((topic, description) -> description
                        .partitions()
                        .forEach(partition -> partitions.add(new PartitionKey(topic, partition.partition()))));
        return partitions;
    }

    private boolean isRecorded(String name, GroupState group, String region, Forgotten forgotten)
            throws InterruptedException {
        HangingTransaction transaction = forgotten.transaction();
        ObjectNode detail = JsonNodeFactory.instance
                .objectNode()
                .put("region", region)
                .put("transactionalId", forgotten.transactionalId())
                .put("partition", transaction.partition().toString())
                .put("producerId", transaction.producerId())
                .put("producerEpoch", transaction.producerEpoch())
                .put("from", transaction.from())
                .put("outcome", forgotten.outcome().toString());
        List<String> entries = new EvidenceEntry(
                        clock.instant(),
                        "transaction-ended",
                        name,
                        Optional.of(group.epoch()),
                        Optional.empty(),
                        Optional.empty(),
                        detail)
                .texts();
        try {
            return !proposals.ask(new ControlEvent.EvidenceRecorded(entries)).isRefused();
        } catch (ExecutionException | TimeoutException e) {
            LOG.info("group={} region={} {}: no answer through consensus: {}", name, region, forgotten, e.toString());
            return false;
        }
    }
}
