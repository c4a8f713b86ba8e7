package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.PartitionKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Positions by the best way that there is: the stream of commits, or, where that may not be read or its last stable
 * offset stands still, by asking the group coordinators. The stream is tried again each {@link #AGAIN}.
 */
public final class FollowedPositions implements CommittedPositions {

    static final Duration AGAIN = Duration.ofSeconds(30);

    private static final String TOPIC = "__consumer_offsets";

    private final Map<String, Object> settings;
    private final Admin source;
    private final String region;
    private final GroupSelection selection;
    private final Notices notices;
    private final AdminPositions polled;
    private @Nullable OffsetsTopicPositions stream;
    /** What each way goes on from: a position that it may not see is not deleted. */
    private SortedMap<String, SortedMap<PartitionKey, Commit>> last = new TreeMap<>();

    private Instant tryAt = Instant.EPOCH;

    /**
     * @param settings of a client of the source
     * @param source stays the caller's to close
     * @param region the source's name, for messages
     */
    public FollowedPositions(
            Map<String, Object> settings, Admin source, String region, GroupSelection selection, Notices notices) {
        this.settings = Map.copyOf(settings);
        this.source = source;
        this.region = region;
        this.selection = selection;
        this.notices = notices;
        this.polled = new AdminPositions(source, region, selection, notices);
    }

    @Override
    public SortedMap<String, SortedMap<PartitionKey, Commit>> read(Instant now) throws InterruptedException {
        last = look(now);
        return AdminPositions.copy(last);
    }

    private SortedMap<String, SortedMap<PartitionKey, Commit>> look(Instant now) throws InterruptedException {
        if (stream == null && now.isBefore(tryAt)) {
            return polled.read(now);
        }
        try {
            if (stream == null) {
                stream = new OffsetsTopicPositions(settings, source, polled, selection, last);
            }
            SortedMap<String, SortedMap<PartitionKey, Commit>> positions = stream.read(now);
            if (stream.stalled().isEmpty()) {
                notices.report(Notices.Area.READING, Map.of());
                return positions;
            }
            // The stream goes on, and counts again as soon as nothing stands still.
            poll("the last stable offset of its partitions " + stream.stalled() + " stands still for "
                    + OffsetsTopicPositions.STALL + ": find the hanging transaction with kafka-transactions.sh"
                    + " find-hanging, and abort it");
        } catch (AuthorizationException e) {
            leave(now);
            poll("the mirror's principal may not read it: allow it READ and DESCRIBE on that topic");
        } catch (UnknownTopicOrPartitionException e) {
            leave(now);
            tryAt = now.plus(AdminPositions.INTERVAL);
            poll("it is not there before the first group is");
        } catch (InvalidOffsetException e) {
            leave(now);
            poll("it was cut off at " + e.partitions() + "; it is read again in " + AGAIN);
        }
        return polled.read(now);
    }

    private void poll(String why) {
        polled.goOnFrom(last);
        notices.report(
                Notices.Area.READING,
                Map.of(
                        "cluster of region " + region,
                        "positions are polled each " + AdminPositions.INTERVAL + " instead of read from " + TOPIC + ", "
                                + why));
    }

    private void leave(Instant now) {
        if (stream != null) {
            stream.close();
        }
        stream = null;
        tryAt = now.plus(AGAIN);
    }

    @Override
    public void close() {
        if (stream != null) {
            stream.close();
        }
        polled.close();
    }
}
