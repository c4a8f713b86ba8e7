package io.breakwater.replicator.kafka.topics;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.platform.Alarm;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.Json;
import io.breakwater.platform.MirrorHealth;
import io.breakwater.platform.MirrorHealth.ConnectorState;
import io.breakwater.region.ConnectRest;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.KafkaSettings;
import io.breakwater.region.RestAnswer;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.kafka.topics.TopicPlan.Plan;
import io.breakwater.replicator.kafka.topics.TopicPlan.Topic;
import io.breakwater.replicator.receipts.ReceiptRecords;
import io.breakwater.replicator.receipts.ReceiptTask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The task of {@link TopicPolicyConnector}. */
public final class TopicPolicyTask extends ReceiptTask {

    /** What its reports are receipts of. */
    static final AssetId REPORTER = new AssetId(MirrorHealth.ASSET_KIND, "topics");

    private static final Logger LOG = LoggerFactory.getLogger(TopicPolicyTask.class);
    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final Duration REST_TIMEOUT = Duration.ofSeconds(3);

    private @Nullable Parts parts;
    private @Nullable TopicPlan plan;
    private @Nullable SystemRecords system;
    private Instant last = Instant.EPOCH;

    private record Parts(
            FlowConfig config,
            List<TopicAsset> assets,
            Admin source,
            Admin target,
            ConnectRest connect,
            ConnectorWatch watch,
            StandbyFence fence) {}

    private record Memory(SortedMap<String, Optional<Instant>> seen, SystemRecords.Memory system) {
        static final Memory NONE = new Memory(new TreeMap<>(), SystemRecords.Memory.NONE);
    }

    @Override
    protected void open(FlowConfig config) {
        Admin target = Admin.create(KafkaSettings.mirror(config.to().kafka()));
        parts = new Parts(
                config,
                TopicAsset.of(config.groupName(), config.group()),
                Admin.create(KafkaSettings.mirror(config.from().kafka())),
                target,
                new ConnectRest(config.to().connect().url(), REST_TIMEOUT),
                new ConnectorWatch(config.groupName(), config.flow()),
                new StandbyFence(target, config.flow()));
    }

    @Override
    protected List<SourceRecord> turn(ReceiptRecords receipts, Instant now) throws InterruptedException {
        if (parts == null || now.isBefore(last.plus(EVERY))) {
            return List.of();
        }
        last = now;
        if (plan == null || system == null) {
            Memory memory = receipts.remembered(REPORTER, context.offsetStorageReader())
                    .map(TopicPolicyTask::recalled)
                    .orElse(Memory.NONE);
            plan = new TopicPlan(
                    parts.assets(),
                    parts.config().flow().from(),
                    parts.config().flow().to(),
                    memory.seen());
            system = new SystemRecords(parts.config(), parts.assets(), memory.system());
        }
        List<Alarm> alarms = new ArrayList<>();
        SortedMap<String, ConnectorState> connectors = watch(parts, now, alarms);
        try {
            alarms.addAll(parts.fence().look(now));
            topics(parts, plan, system, now, alarms);
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            alarms.add(new Alarm(
                    "no-answer",
                    parts.config().flow().toString(),
                    "the topics of " + parts.config().flow() + " could not be compared: " + e.getMessage()
                            + "; it is tried again every " + EVERY,
                    false));
        }
        MirrorHealth health = new MirrorHealth(Map.of(), connectors, alarms);
        return List.of(receipts.report(REPORTER, health, text(new Memory(plan.seen(), system.memory())), now));
    }

    private static SortedMap<String, ConnectorState> watch(Parts with, Instant now, List<Alarm> alarms)
            throws InterruptedException {
        RestAnswer<SortedMap<String, ConnectRest.Status>> answer =
                with.connect().statuses();
        if (answer.ifOk().isEmpty()) {
            alarms.add(new Alarm(
                    "no-answer",
                    "connect",
                    "Connect of " + with.config().flow().to() + " at "
                            + with.config().to().connect().url() + " does not say how its connectors are: " + answer,
                    false));
            return new TreeMap<>();
        }
        alarms.addAll(with.watch().alarms(answer.ifOk().get(), now));
        return with.watch().states(answer.ifOk().get());
    }

    private static void topics(Parts with, TopicPlan plan, SystemRecords system, Instant now, List<Alarm> alarms)
            throws InterruptedException {
        String from = with.config().flow().from();
        Set<String> sourceNames = KafkaAnswer.await(with.source().listTopics().names(), "list topics of " + from);
        Set<String> targetNames = KafkaAnswer.await(
                with.target().listTopics().names(),
                "list topics of " + with.config().flow().to());
        Map<String, Topic> sources = describe(with.source(), ofGroup(with, sourceNames));
        Map<String, Topic> targets = describe(with.target(), ofGroup(with, targetNames));
        Plan next = plan.next(sources, targets, targetNames, now);
        alarms.addAll(next.alarms());
        alarms.addAll(delete(with, next.deletions()));
        alarms.addAll(followLimits(with, sources.keySet(), targets.keySet()));
        alarms.addAll(system.look(targets));
    }

    private static List<String> ofGroup(Parts with, Collection<String> names) {
        return names.stream()
                .filter(name -> with.assets().stream().anyMatch(asset -> asset.contains(name)))
                .toList();
    }

    private static Map<String, Topic> describe(Admin cluster, List<String> names) throws InterruptedException {
        Map<String, Topic> topics = new HashMap<>();
        DescribeTopicsOptions options = new DescribeTopicsOptions().includeAuthorizedOperations(true);
        for (var answer :
                cluster.describeTopics(names, options).topicNameValues().entrySet()) {
            try {
                TopicDescription topic = KafkaAnswer.await(answer.getValue(), "describe topic " + answer.getKey());
                boolean mayRead = topic.authorizedOperations() == null
                        || topic.authorizedOperations().contains(AclOperation.READ);
                topics.put(
                        answer.getKey(),
                        new Topic(topic.topicId(), topic.partitions().size(), mayRead));
            } catch (UnknownTopicOrPartitionException e) {
                // Gone since it was listed.
                topics.remove(answer.getKey());
            }
        }
        return topics;
    }

    private static List<Alarm> delete(Parts with, List<String> names) throws InterruptedException {
        List<Alarm> alarms = new ArrayList<>();
        for (String name : names) {
            try {
                KafkaAnswer.await(with.target().deleteTopics(List.of(name)).all(), "delete topic " + name);
                LOG.info(
                        "topic={} deleted on {}, by its asset's deletion policy",
                        name,
                        with.config().flow().to());
            } catch (AuthorizationException e) {
                alarms.add(new Alarm(
                        "no-permission",
                        name,
                        "topic " + name + " is to be deleted on "
                                + with.config().flow().to()
                                + " by its asset's deletion policy: allow the flow's principal DELETE on it",
                        false));
            }
        }
        return alarms;
    }

    /** A limit that was raised on the source later; the mirror itself looks when it begins with a topic. */
    private static List<Alarm> followLimits(Parts with, Set<String> sources, Set<String> targets)
            throws InterruptedException {
        Set<String> both = new HashSet<>(sources);
        both.retainAll(targets);
        Map<String, Long> there = MessageLimits.read(with.target(), both);
        Map<String, Long> low = new HashMap<>();
        MessageLimits.read(with.source(), both).forEach((topic, limit) -> {
            long wanted = MessageLimits.wanted(limit, 0);
            if (Objects.requireNonNull(there.get(topic)) < wanted) {
                low.put(topic, wanted);
            }
        });
        try {
            if (!low.isEmpty()) {
                MessageLimits.set(with.target(), low);
                LOG.info(
                        "max.message.bytes on {} raised: {}",
                        with.config().flow().to(),
                        low);
            }
            return List.of();
        } catch (AuthorizationException e) {
            return List.of(new Alarm(
                    "no-permission",
                    String.join(",", new TreeMap<>(low).keySet()),
                    "max.message.bytes on " + with.config().flow().to() + " should be " + new TreeMap<>(low)
                            + ": allow the flow's principal ALTER_CONFIGS on these topics",
                    false));
        }
    }

    private static Memory recalled(String memory) {
        try {
            return Json.MAPPER.readValue(memory, Memory.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("what the last task knew of its topics cannot be read: " + memory, e);
        }
    }

    private static String text(Memory memory) {
        try {
            return Json.MAPPER.writeValueAsString(memory);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what is known of the topics cannot be written as JSON", e);
        }
    }

    @Override
    public void stop() {
        if (parts != null) {
            parts.source().close(Duration.ofSeconds(1));
            parts.target().close(Duration.ofSeconds(1));
        }
        if (system != null) {
            system.close();
        }
    }
}
