package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.PartitionKey;
import io.breakwater.replicator.kafka.topics.SourceOrder.Position;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.connect.mirror.MirrorUtils;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;

/**
 * MirrorMaker's view of its stored offsets, with what ours have beside them: each names the incarnation of the topic
 * under {@code topicId}, so that an offset of a topic that is gone is not taken for one of its successor, and that of the
 * standby's topic under {@code copyId}, so that one that was made anew is not taken for what was mirrored. For one thread.
 */
final class MirrorOffsets implements OffsetStorageReader {

    /** Beside MirrorMaker's own {@code offset}; an offset that was set from outside may lack it. */
    private static final String TOPIC_ID = "topicId";

    private static final String COPY_ID = "copyId";

    private static final long BEGINNING = -1;

    private final OffsetStorageReader stored;
    private final Map<PartitionKey, Position> standing;
    private final BiPredicate<PartitionKey, Uuid> beginsAnew;
    private final Map<PartitionKey, Position> positions = new HashMap<>();

    /**
     * @param standing where the mirror stands in partitions that it has read in this task; it counts before what is
     *     stored
     * @param beginsAnew of a partition and the incarnation that was mirrored: whether to forget where that one ended
     */
    MirrorOffsets(
            OffsetStorageReader stored,
            Map<PartitionKey, Position> standing,
            BiPredicate<PartitionKey, Uuid> beginsAnew) {
        this.stored = stored;
        this.standing = Map.copyOf(standing);
        this.beginsAnew = beginsAnew;
    }

    /** What was read and not forgotten. */
    Map<PartitionKey, Position> positions() {
        return positions;
    }

    /** Of no record: nothing was mirrored, and all is to be. MirrorMaker begins at the beginning then. */
    static boolean isBeginning(@Nullable Map<String, ?> offset) {
        return offset != null
                && offset.get(MirrorUtils.OFFSET_KEY) instanceof Number number
                && number.longValue() == BEGINNING;
    }

    /**
     * @param topicId as text, because it is the same for millions
     * @param copyId likewise
     */
    static Map<String, Object> offset(long offset, String topicId, Optional<String> copyId) {
        return copyId.isPresent()
                ? Map.of(MirrorUtils.OFFSET_KEY, offset, TOPIC_ID, topicId, COPY_ID, copyId.get())
                : Map.of(MirrorUtils.OFFSET_KEY, offset, TOPIC_ID, topicId);
    }

    private static Map<String, Object> offset(Position position) {
        return position.topicId()
                .map(id -> offset(
                        position.offset(), id.toString(), position.copyId().map(Uuid::toString)))
                .orElseGet(() -> MirrorUtils.wrapOffset(position.offset()));
    }

    @Override
    public <T> @Nullable Map<String, Object> offset(Map<String, T> partition) {
        TopicPartition unwrapped = MirrorUtils.unwrapPartition(partition);
        PartitionKey key = new PartitionKey(unwrapped.topic(), unwrapped.partition());
        Map<String, Object> offset = Optional.ofNullable(standing.get(key))
                .map(MirrorOffsets::offset)
                .orElseGet(() -> stored.offset(partition));
        if (offset == null || !(offset.get(MirrorUtils.OFFSET_KEY) instanceof Number number)) {
            return offset;
        }
        Optional<Uuid> topicId = id(offset, TOPIC_ID);
        if (topicId.filter(id -> beginsAnew.test(key, id)).isPresent()) {
            return null;
        }
        positions.put(key, new Position(topicId, number.longValue(), id(offset, COPY_ID)));
        return offset;
    }

    private static Optional<Uuid> id(Map<String, Object> offset, String key) {
        return Optional.ofNullable(offset.get(key)).map(id -> Uuid.fromString(id.toString()));
    }

    @Override
    public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
        return stored.offsets(partitions);
    }
}
