package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.KafkaAnswer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsResult;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/**
 * Start offsets of share groups (KIP-932), asked each {@link AdminPositions#INTERVAL}: all before it is done with. Which records after it are
 * acknowledged already is known to the share coordinator only and no client can ask for it, so these are delivered
 * again on the standby: at least once, as share groups are anyway.
 */
public final class SharePositions implements CommittedPositions {

    private final Admin source;
    private final String region;
    private final GroupSelection selection;
    private final Notices notices;
    private SortedMap<String, SortedMap<PartitionKey, Commit>> last = new TreeMap<>();
    private Instant askAt = Instant.EPOCH;

    /**
     * @param source stays the caller's to close
     * @param region the source's name, for messages
     */
    public SharePositions(Admin source, String region, GroupSelection selection, Notices notices) {
        this.source = source;
        this.region = region;
        this.selection = selection;
        this.notices = notices;
    }

    @Override
    public SortedMap<String, SortedMap<PartitionKey, Commit>> read(Instant now) throws InterruptedException {
        if (!now.isBefore(askAt)) {
            last = ask();
            askAt = now.plus(AdminPositions.INTERVAL);
        }
        return AdminPositions.copy(last);
    }

    private SortedMap<String, SortedMap<PartitionKey, Commit>> ask() throws InterruptedException {
        List<String> groups = groups();
        SortedMap<String, SortedMap<PartitionKey, Commit>> positions = new TreeMap<>();
        Map<String, String> refused = new TreeMap<>();
        if (!groups.isEmpty()) {
            ListShareGroupOffsetsResult answers = source.listShareGroupOffsets(
                    groups.stream().collect(Collectors.toMap(id -> id, id -> new ListShareGroupOffsetsSpec())));
            for (String group : groups) {
                try {
                    SortedMap<PartitionKey, Commit> own = starts(KafkaAnswer.await(
                            answers.partitionsToOffsetInfo(group), "list start offsets of share group " + group));
                    if (!own.isEmpty()) {
                        positions.put(group, own);
                    }
                } catch (AuthorizationException e) {
                    Optional.ofNullable(last.get(group)).ifPresent(own -> positions.put(group, own));
                    refused.put(
                            group,
                            "start offsets of this share group cannot be read on the cluster of region " + region + ": "
                                    + e.getMessage() + " Allow the mirror's principal DESCRIBE on the group and on its"
                                    + " topics.");
                } catch (GroupIdNotFoundException e) {
                    positions.remove(group); // deleted between the two questions
                }
            }
        }
        notices.report(Notices.Area.SOURCE, refused);
        return positions;
    }

    private List<String> groups() throws InterruptedException {
        try {
            return KafkaAnswer.await(
                            source.listGroups(ListGroupsOptions.forShareGroups())
                                    .all(),
                            "list share groups of the cluster of region " + region)
                    .stream()
                    .map(GroupListing::groupId)
                    .filter(selection::contains)
                    .toList();
        } catch (UnsupportedVersionException e) {
            return List.of(); // a cluster of before share groups has none
        }
    }

    private SortedMap<PartitionKey, Commit> starts(Map<TopicPartition, SharePartitionOffsetInfo> offsets) {
        SortedMap<PartitionKey, Commit> starts = new TreeMap<>();
        offsets.forEach((partition, info) -> {
            // Nothing was read yet where there is none.
            if (info != null && info.startOffset() >= 0 && selection.contains(partition)) {
                starts.put(GroupSelection.key(partition), new Commit(info.startOffset(), Optional.empty()));
            }
        });
        return starts;
    }

    @Override
    public void close() {
        last.clear();
    }
}
