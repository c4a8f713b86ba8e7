package io.breakwater.replicator.flink.snapshot;

import io.breakwater.platform.OffsetVector;
import io.breakwater.region.ObjectUri;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.shaded.guava33.com.google.common.hash.Hashing;

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
    private final StatePaths paths;

    private Snapshot(ObjectUri directory, MetadataFormat format, StateReader reader, StatePaths paths) {
        this.directory = directory;
        this.format = format;
        this.reader = reader;
        this.paths = paths;
    }

    /**
     * @param directory where the snapshot lies, without {@code _metadata}
     * @param metadata the content of its {@code _metadata}
     * @throws UnsupportedSnapshotException if the bytes are not a snapshot's
     */
    public static Snapshot open(ObjectUri directory, byte[] metadata, StateReader reader) {
        return open(directory, metadata, reader, StatePaths.S3);
    }

    /**
     * As above, with files that are not all in S3.
     *
     * @param paths what absolute paths in it mean
     */
    public static Snapshot open(ObjectUri directory, byte[] metadata, StateReader reader, StatePaths paths) {
        return new Snapshot(directory, MetadataFormat.read(metadata), reader, paths);
    }

    /**
     * The id of the operator to which a job gives this uid. Source: StreamGraphHasherV2.
     *
     * @return in hexadecimal, as {@link OperatorSummary#id}
     */
    public static String idOf(String uid) {
        return Hashing.murmur3_128(0).hashString(uid, StandardCharsets.UTF_8).toString();
    }

    public long checkpointId() {
        return format.metadata().getCheckpointId();
    }

    /** The version of the format of its metadata: 4 in Flink 1.20, 5 in 2.0, 6 in 2.1 to 2.3. */
    public int formatVersion() {
        return format.version();
    }

    /** What it was taken as, as {@code native savepoint} or {@code checkpoint}; empty if it does not say. */
    public Optional<String> kind() {
        CheckpointProperties properties = format.metadata().getCheckpointProperties();
        if (properties == null) {
            return Optional.empty();
        }
        if (!properties.isSavepoint()) {
            return Optional.of("checkpoint");
        }
        return Optional.of(
                properties.getCheckpointType() instanceof SavepointType type
                        ? type.getFormatType().name().toLowerCase(Locale.ROOT) + " savepoint"
                        : "savepoint");
    }

    /** All files of state that it refers to. @throws UnsupportedSnapshotException if it cannot be moved */
    public List<SnapshotFile> files() {
        return files(SnapshotLayout.selfContained(directory));
    }

    /** As above, named and told apart as in this layout. */
    public List<SnapshotFile> files(SnapshotLayout layout) {
        FilePlacement placement = placement(layout);
        OperatorTransform transform = new OperatorTransform(placement, reader);
        format.metadata().getOperatorStates().forEach(operator -> transform.apply(operator, StateChange.NONE));
        return placement.files();
    }

    /** All operators, also those that cannot be carried to another cluster. */
    public List<OperatorSummary> operators() {
        return format.metadata().getOperatorStates().stream()
                .map(operator -> new OperatorInspection(
                                operator, () -> placement(SnapshotLayout.selfContained(directory)), reader)
                        .summary())
                .toList();
    }

    /** The KafkaSources in it. @throws UnsupportedSnapshotException if there is a source that is not Kafka's */
    public List<KafkaSourceOperator> kafkaSources() {
        return kafkaSources(Set.of());
    }

    /** As above, without the operators of these ids. */
    public List<KafkaSourceOperator> kafkaSources(Set<String> without) {
        OperatorTransform transform = new OperatorTransform(placement(SnapshotLayout.selfContained(directory)), reader);
        List<KafkaSourceOperator> sources = new ArrayList<>();
        for (OperatorState operator : format.metadata().getOperatorStates()) {
            PositionCollector positions = new PositionCollector();
            if (OperatorContent.of(operator).isSource()
                    && !without.contains(operator.getOperatorID().toHexString())) {
                transform.apply(operator, positions);
                sources.add(new KafkaSourceOperator(
                        operator.getOperatorID().toHexString(),
                        OperatorTransform.label(operator),
                        positions.positions(),
                        positions.topics()));
            }
        }
        return List.copyOf(sources);
    }

    /**
     * The metadata of this snapshot in self-contained form for another directory, with nothing else changed: its
     * {@link #files} beside it under their names.
     *
     * @throws UnsupportedSnapshotException if it cannot be moved
     */
    public byte[] relocated(ObjectUri target) {
        return transformed(SnapshotLayout.selfContained(target), operator -> StateChange.NONE);
    }

    /** As {@link #rewritten(ObjectUri, SnapshotRewrite)}, with topics of the same names and one policy for all sinks. */
    public byte[] rewritten(ObjectUri target, Map<String, OffsetVector> positions, SinkPolicy sink) {
        return rewritten(target, new SnapshotRewrite(positions, sink));
    }

    /**
     * The metadata of this snapshot in self-contained form for another directory: its {@link #files} beside it under
     * their names, its Kafka positions those of another cluster.
     *
     * @param rewrite must name each partition of each source's {@link KafkaSourceOperator#positions}
     * @throws UnsupportedSnapshotException if a position is missing or something cannot be carried over
     */
    public byte[] rewritten(ObjectUri target, SnapshotRewrite rewrite) {
        return rewritten(SnapshotLayout.selfContained(target), rewrite);
    }

    /** As above, for {@link #files(SnapshotLayout)} of this layout at their places. */
    public byte[] rewritten(SnapshotLayout target, SnapshotRewrite rewrite) {
        return transformed(
                target, operator -> rewrite.of(operator.getOperatorID().toHexString()));
    }

    private FilePlacement placement(SnapshotLayout target) {
        return new FilePlacement(directory, target, paths);
    }

    private byte[] transformed(SnapshotLayout target, Function<OperatorState, StateChange> change) {
        OperatorTransform transform = new OperatorTransform(placement(target), reader);
        List<OperatorState> operators = new ArrayList<>();
        for (OperatorState operator : format.metadata().getOperatorStates()) {
            operators.add(transform.apply(operator, change.apply(operator)));
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
