package io.breakwater.replicator.kafka;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.Receipt;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.KafkaSettings;
import io.breakwater.region.PositionTranslator;
import io.breakwater.region.StandbyGroups;
import io.breakwater.region.StandbyShareGroups;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.kafka.groups.CommittedPositions;
import io.breakwater.replicator.kafka.groups.FollowedPositions;
import io.breakwater.replicator.kafka.groups.Freshness;
import io.breakwater.replicator.kafka.groups.GatedPositions;
import io.breakwater.replicator.kafka.groups.GroupFollower;
import io.breakwater.replicator.kafka.groups.GroupReceipts;
import io.breakwater.replicator.kafka.groups.GroupReceipts.Current;
import io.breakwater.replicator.kafka.groups.GroupSelection;
import io.breakwater.replicator.kafka.groups.MirroredPartitions;
import io.breakwater.replicator.kafka.groups.MovedPositions;
import io.breakwater.replicator.kafka.groups.Notices;
import io.breakwater.replicator.kafka.groups.PositionRetention;
import io.breakwater.replicator.kafka.groups.SharePositions;
import io.breakwater.replicator.kafka.groups.StampedPartitions;
import io.breakwater.replicator.receipts.ReceiptRecords;
import io.breakwater.replicator.receipts.ReceiptTask;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** The task of {@link GroupMirrorConnector}: wiring, and the receipts. */
public final class GroupMirrorTask extends ReceiptTask {

    private static final Duration PACE = Duration.ofMillis(100);
    private static final String SHARES = "a share group: its start offsets are kept on the standby; what it has"
            + " acknowledged beyond them cannot be read from the source, and is delivered again";

    private final GroupReceipts due = new GroupReceipts();
    private @Nullable Running running;
    private boolean adopted;

    private record Running(
            Admin source,
            Admin standby,
            PositionTranslator translator,
            MovedPositions moved,
            CommittedPositions committed,
            GroupSelection selection,
            Notices notices,
            GroupFollower follower,
            GroupFollower shares,
            PositionRetention retention,
            FreshnessMetrics metrics) {}

    @Override
    protected Duration pace() {
        return PACE;
    }

    @Override
    protected void open(FlowConfig config) {
        String flow = "group=" + config.groupName() + " flow=" + config.flow();
        Clock clock = Clock.systemUTC();
        Map<String, Object> from = KafkaSettings.mirror(config.from().kafka());
        Map<String, Object> toSettings = KafkaSettings.mirror(config.to().kafka());
        GroupSelection selection = new GroupSelection(config.group());
        Notices notices = new Notices(flow);
        Freshness freshness = new Freshness();
        Admin source = Admin.create(from);
        Admin standby = Admin.create(toSettings);
        MovedPositions moved = new MovedPositions(config.groupName(), config.flow(), from, toSettings);
        String region = config.flow().from();
        PositionTranslator translator = new PositionTranslator(toSettings, region);
        CommittedPositions committed = GatedPositions.of(
                new FollowedPositions(from, source, region, selection, notices),
                selection,
                notices,
                source,
                region,
                from,
                toSettings);
        MirroredPartitions mirrored = new StampedPartitions(source, standby, config.group(), translator, moved);
        String to = config.flow().to();
        GroupFollower follower = new GroupFollower(
                new GroupFollower.Ports(committed, mirrored, new StandbyGroups(standby)),
                selection,
                notices,
                freshness,
                clock,
                to);
        Notices ofShares = new Notices(flow);
        GroupFollower shares = new GroupFollower(
                new GroupFollower.Ports(
                        new SharePositions(source, region, selection, ofShares),
                        mirrored,
                        new StandbyShareGroups(standby)),
                selection,
                ofShares,
                new Freshness(),
                clock,
                to);
        running = new Running(
                source,
                standby,
                translator,
                moved,
                committed,
                selection,
                notices,
                follower,
                shares,
                new PositionRetention(standby, to),
                new FreshnessMetrics(freshness, context.pluginMetrics(), clock, flow));
    }

    @Override
    protected List<SourceRecord> turn(ReceiptRecords receipts, Instant now) throws InterruptedException {
        if (running == null) {
            return List.of();
        }
        GroupFollower follower = running.follower();
        running.retention().ask(now).ifPresent(follower::keptFor);
        follower.turn();
        running.shares().turn();
        if (!adopted) {
            adopt(running, receipts);
            adopted = true;
        }
        running.metrics().log();
        SortedMap<String, Current> current = current(running);
        List<SourceRecord> records = new ArrayList<>();
        due.due(current, now).forEach((group, position) -> records.add(receipts.announce(asset(group), position, now)));
        receipts.retain(current.keySet().stream().map(GroupMirrorTask::asset).toList());
        return records;
    }

    /** Share groups and groups that cannot be read are announced without positions, with what is to be said of them. */
    private static SortedMap<String, Current> current(Running with) {
        SortedMap<String, Current> current = new TreeMap<>();
        with.shares()
                .groups()
                .forEach(group -> current.put(
                        group,
                        new Current(
                                OffsetVector.EMPTY,
                                Optional.of(Stream.concat(Stream.of(SHARES), with.shares().notice(group).stream())
                                        .collect(Collectors.joining("; "))))));
        with.notices()
                .unread()
                .forEach(group -> current.put(
                        group, new Current(OffsetVector.EMPTY, with.notices().of(group))));
        GroupFollower follower = with.follower();
        follower.groups()
                .forEach(group -> current.put(group, new Current(follower.committed(group), follower.notice(group))));
        return current;
    }

    /**
     * Takes up what the task before this one announced, so that deletions of the time between are not missed. Groups
     * that wait for their outputs, or cannot be read, have no positions now and are not deleted all the same.
     */
    private void adopt(Running with, ReceiptRecords receipts) throws InterruptedException {
        List<AssetId> there =
                KafkaAnswer.await(with.standby().listGroups().valid(), "list groups of the standby").stream()
                        .map(GroupListing::groupId)
                        .filter(group -> with.selection().contains(group)
                                && with.selection().outputs(group).isEmpty()
                                && with.follower().notice(group).isEmpty())
                        .map(GroupMirrorTask::asset)
                        .toList();
        for (Receipt receipt :
                receipts.before(context.offsetStorageReader(), there).values()) {
            OffsetVector committed = receipt.position().committed();
            with.follower().adopt(receipt.asset().name(), committed);
            if (!committed.ends().isEmpty()) {
                due.adopt(receipt.asset().name(), committed);
            }
        }
    }

    private static AssetId asset(String group) {
        return new AssetId(AssetSpec.CONSUMER_GROUP, group);
    }

    @Override
    public void stop() {
        if (running != null) {
            running.committed().close();
            running.translator().close();
            running.moved().close();
            running.source().close(Duration.ofSeconds(1));
            running.standby().close(Duration.ofSeconds(1));
        }
    }
}
