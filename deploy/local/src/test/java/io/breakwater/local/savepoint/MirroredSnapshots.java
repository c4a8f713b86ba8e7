package io.breakwater.local.savepoint;

import io.breakwater.platform.Receipt;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.flink.SavepointMirrorTask;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import io.breakwater.replicator.flink.snapshot.SnapshotFile;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.connect.source.SourceRecord;

/** The snapshots that a mirror's task announces, and how many bytes came with each that were not there before. */
final class MirroredSnapshots {

    private final ObjectStore standby;
    private final List<Receipt> receipts = new ArrayList<>();
    private final Set<ObjectUri> seen = new HashSet<>();
    private long moved;
    private long newestMoved;
    private long newestSize;

    MirroredSnapshots(ObjectStore standby) {
        this.standby = standby;
    }

    /** Once, as Connect would. */
    void poll(SavepointMirrorTask task) throws InterruptedException {
        List<SourceRecord> records = task.poll();
        for (SourceRecord record : records == null ? List.<SourceRecord>of() : records) {
            Receipt receipt = Receipt.fromJson((byte[]) record.value());
            if (receipts.stream().noneMatch(known -> known.position().equals(receipt.position()))) {
                receipts.add(receipt);
                count(ObjectUri.parse(receipt.position().location().orElseThrow()));
            }
        }
    }

    private void count(ObjectUri place) {
        Snapshot snapshot = Snapshot.open(
                place, standby.get(place.resolve(Snapshot.METADATA)).orElseThrow(), standby::get);
        newestMoved = 0;
        newestSize = 0;
        for (SnapshotFile file : snapshot.files()) {
            newestSize += file.size();
            newestMoved += seen.add(file.source()) ? file.size() : 0;
        }
        moved += newestMoved;
    }

    List<Receipt> receipts() {
        return receipts;
    }

    /** The sum of the newest one's positions; 0 if there is none. */
    long newestPosition() {
        return receipts.isEmpty()
                ? 0
                : receipts.get(receipts.size() - 1).position().inputs().ends().values().stream()
                        .mapToLong(Long::longValue)
                        .sum();
    }

    /** Bytes of all files of the newest one. */
    long newestSize() {
        return newestSize;
    }

    long newestMoved() {
        return newestMoved;
    }

    /** With all of them. */
    long moved() {
        return moved;
    }
}
