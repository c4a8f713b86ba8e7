package io.breakwater.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.evidence.EvidencePublisher.Behind;
import io.breakwater.evidence.EvidencePublisher.Diverged;
import io.breakwater.evidence.EvidencePublisher.Published;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvidencePublisherTest {

    private static final EvidenceKey KEY = EvidenceKey.generate("breakwater/test");
    private static final ObjectUri PREFIX = new ObjectUri("breakwater-east", "evidence");

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @TempDir
    private Path dir;

    private EvidenceLog log;

    @BeforeEach
    void open() {
        log = EvidenceLog.open(dir.resolve("log"), KEY);
    }

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void publishesEachCheckpointAfterItsFiles() {
        EvidencePublisher publisher = new EvidencePublisher(log, store, PREFIX);
        for (long size : new long[] {3, 256, 600}) {
            Entries.fill(log, size);
            log.checkpoint();
            assertThat(publisher.publish()).isEqualTo(new Published(size));
        }

        assertThat(store.written)
                .startsWith(
                        "evidence/tile/entries/000.p/3",
                        "evidence/tile/0/000.p/3",
                        "evidence/checkpoints/3",
                        "evidence/checkpoint");
        assertThat(store.written)
                .filteredOn(key -> !key.equals("evidence/checkpoint"))
                .as("written over")
                .doesNotHaveDuplicates();
        EvidenceAudit.Report report = audit();
        assertThat(report.failures()).isEmpty();
        assertThat(report.size()).isEqualTo(600);
        assertThat(report.checkpoints()).isEqualTo(4);
    }

    @Test
    void publishesNothingBeyondTheCheckpoint() {
        Entries.fill(log, 2);
        log.checkpoint();
        Entries.fill(log, 5);

        assertThat(new EvidencePublisher(log, store, PREFIX).publish()).isEqualTo(new Published(2));
        assertThat(audit().size()).isEqualTo(2);
    }

    /** The store is cut off after each single write in turn. */
    @Test
    void resumesWhereverItWasInterrupted() {
        Entries.fill(log, 300);
        log.checkpoint();
        for (int writes = 0; ; writes++) {
            store.objects.clear();
            store.writesLeft = writes;
            boolean cutOff = false;
            try {
                new EvidencePublisher(log, store, PREFIX).publish();
            } catch (ObjectStoreException e) {
                cutOff = true;
            }
            boolean claimed = store.objects.keySet().stream().anyMatch(key -> key.contains("checkpoint"));
            if (claimed) {
                assertThat(audit().failures()).allMatch(line -> line.equals("checkpoint: is missing"));
            }

            store.writesLeft = Integer.MAX_VALUE;
            assertThat(new EvidencePublisher(log, store, PREFIX).publish()).isEqualTo(new Published(300));
            assertThat(audit().failures()).isEmpty();
            if (!cutOff) {
                return;
            }
        }
    }

    @Test
    void twoNodesMayPublishTheSameLog() {
        try (EvidenceLog second = EvidenceLog.open(dir.resolve("second"), KEY)) {
            Entries.fill(log, 4);
            Entries.fill(second, 4);
            log.checkpoint();
            second.checkpoint();

            assertThat(new EvidencePublisher(log, store, PREFIX).publish()).isEqualTo(new Published(4));
            assertThat(new EvidencePublisher(second, store, PREFIX).publish()).isEqualTo(new Published(4));
        }
    }

    @Test
    void aNodeThatIsBehindPublishesNothing() {
        Entries.fill(log, 9);
        log.checkpoint();
        new EvidencePublisher(log, store, PREFIX).publish();
        int before = store.written.size();
        try (EvidenceLog late = EvidenceLog.open(dir.resolve("late"), KEY)) {
            Entries.fill(late, 4);
            late.checkpoint();

            assertThat(new EvidencePublisher(late, store, PREFIX).publish()).isEqualTo(new Behind(4, 9));
        }
        assertThat(store.written).hasSize(before);
    }

    @Test
    void raisesAnAlarmOverAnotherLogUnderItsName() {
        try (EvidenceLog other = EvidenceLog.open(dir.resolve("other"), KEY)) {
            other.append(Entries.entry(77));
            other.checkpoint();
            new EvidencePublisher(other, store, PREFIX).publish();
        }
        log.append(Entries.entry(0));
        log.checkpoint();

        assertThat(new EvidencePublisher(log, store, PREFIX).publish())
                .isInstanceOfSatisfying(
                        Diverged.class,
                        alarm -> assertThat(alarm.object().key()).startsWith("evidence/"));
    }

    @Test
    void raisesAnAlarmOverADifferingNumberedCheckpoint() {
        log.append(Entries.entry(0));
        log.checkpoint();
        Checkpoint forged = Checkpoint.sign(1, MerkleHash.leaf(Entries.entry(9)), KEY);
        store.put(PREFIX.resolve("checkpoints/1"), forged.bytes());

        assertThat(new EvidencePublisher(log, store, PREFIX).publish())
                .isInstanceOfSatisfying(
                        Diverged.class, alarm -> assertThat(alarm.object()).isEqualTo(PREFIX.resolve("checkpoints/1")));
        assertThat(store.objects).doesNotContainKey("evidence/checkpoint");
    }

    private EvidenceAudit.Report audit() {
        return EvidenceAudit.verify(EvidencePublisher.filesAt(store, PREFIX), KEY.verifier());
    }
}
