package io.breakwater.replicator.flink.snapshot;

import io.breakwater.platform.OffsetVector;
import io.breakwater.region.ObjectUri;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;

/**
 * A savepoint (native or canonical) or a retained checkpoint (incremental and file-merged ones too) that lies in an
 * object store. Not thread-safe.
 */
public final class Snapshot {

    /** The object that makes a directory a snapshot. */
    public static final String METADATA = MetadataFormat.FILE_NAME;

    private final ObjectUri directory;
    private final MetadataFormat format;
    private final StateReader reader;

    private Snapshot(ObjectUri directory, MetadataFormat format, StateReader reader) {
        this.directory = directory;
        this.format = format;
        this.reader = reader;
    }

    /**
     * @param directory where the snapshot lies, without {@code _metadata}
     * @param metadata the content of its {@code _metadata}
     * @throws UnsupportedSnapshotException if the bytes are not a snapshot's
     */
    public static Snapshot open(ObjectUri directory, byte[] metadata, StateReader reader) {
        return new Snapshot(directory, MetadataFormat.read(metadata), reader);
    }

    public long checkpointId() {
        return format.metadata().getCheckpointId();
    }

    /** The version of the format of its metadata: 4 in Flink 1.20, 5 in 2.0, 6 in 2.1 to 2.3. */
    public int formatVersion() {
        return format.version();
    }

    /** All files of state that it refers to. @throws UnsupportedSnapshotException if it cannot be moved */
    public List<SnapshotFile> files() {
        FilePlacement placement = new FilePlacement(directory, directory);
        OperatorTransform transform = new OperatorTransform(placement, reader);
        format.metadata().getOperatorStates().forEach(operator -> transform.apply(operator, new PositionCollector()));
        return placement.files();
    }

    /** The KafkaSources in it. @throws UnsupportedSnapshotException if there is a source that is not Kafka's */
    public List<KafkaSourceOperator> kafkaSources() {
        OperatorTransform transform = new OperatorTransform(new FilePlacement(directory, directory), reader);
        List<KafkaSourceOperator> sources = new ArrayList<>();
        for (OperatorState operator : format.metadata().getOperatorStates()) {
            PositionCollector positions = new PositionCollector();
            transform.apply(operator, positions);
            if (OperatorTransform.isSource(operator)) {
                sources.add(new KafkaSourceOperator(
                        operator.getOperatorID().toHexString(),
                        OperatorTransform.label(operator),
                        positions.positions()));
            }
        }
        return List.copyOf(sources);
    }

    /**
     * The metadata of this snapshot in self-contained form for another directory: its {@link #files} beside it under
     * their names, its Kafka positions those of another cluster.
     *
     * @param positions by {@link KafkaSourceOperator#id}; must name each partition of its {@code positions}
     * @throws UnsupportedSnapshotException if a position is missing or something cannot be carried over
     */
    public byte[] rewritten(ObjectUri target, Map<String, OffsetVector> positions, SinkPolicy sink) {
        OperatorTransform transform = new OperatorTransform(new FilePlacement(directory, target), reader);
        List<OperatorState> operators = new ArrayList<>();
        for (OperatorState operator : format.metadata().getOperatorStates()) {
            OffsetVector own = positions.getOrDefault(operator.getOperatorID().toHexString(), OffsetVector.EMPTY);
            operators.add(transform.apply(operator, new PositionRewrite(own, sink)));
        }
        CheckpointMetadata metadata = format.metadata();
        return new MetadataFormat(
                        format.version(),
                        new CheckpointMetadata(
                                metadata.getCheckpointId(),
                                operators,
                                metadata.getMasterStates(),
                                metadata.getCheckpointProperties()))
                .toBytes();
    }
}
