package io.breakwater.region.fork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.Epoch;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.MemoryObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.PromotionCommit;
import io.breakwater.verification.delta.TableReader;
import io.breakwater.verification.delta.TableReader.UnreadableTableException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DivergedLogTest {

    private static final Epoch EPOCH = new Epoch(2);
    private static final Instant NOW = Instant.ofEpochSecond(1000);
    private static final String PLAIN = "{\"minReaderVersion\":1,\"minWriterVersion\":2}";

    /** The last version that both regions have; the region that was left went on with three more. */
    private static final long ANCESTOR = 2;

    private static final long DIVERGED = 5;

    private final MemoryObjectStore store = new MemoryObjectStore();
    private byte[] claim = {};

    @BeforeEach
    void claimedElsewhere() {
        MemoryObjectStore promoted = new MemoryObjectStore();
        TableByHand table = new TableByHand(promoted, PLAIN);
        table.append(1);
        table.append(2);
        new PromotionCommit(EPOCH, "op-2", "", "", new TreeMap<>()).write(promoted, table.log(), ANCESTOR, NOW);
        claim = table.log().commit(ANCESTOR + 1).orElseThrow();
    }

    private DeltaLogFiles fork() {
        store.close();
        TableByHand table = new TableByHand(store, PLAIN);
        for (long version = 1; version <= DIVERGED; version++) {
            table.append(version);
        }
        // What sums up, as a writer leaves it; nobody reads the checkpoint, which is none.
        store.put(table.log().file("00000000000000000004.crc"), "{\"numFiles\":4}".getBytes(StandardCharsets.UTF_8));
        assertThat(new FenceCommit(EPOCH, "op-2").fence(store, table.log(), NOW))
                .isInstanceOf(FenceCommit.Outcome.Done.class);
        return table.log();
    }

    private DivergedLog diverged(io.breakwater.region.ObjectStore over) {
        return new DivergedLog(
                over,
                new DeltaLogFiles(over, TableByHand.ROOT),
                EPOCH,
                new CommonAncestor.At(ANCESTOR, Optional.of(claim)));
    }

    @Test
    void keepsWhatIsBeyondTheAncestorAndFollowsTheOtherRegionsClaim() throws Exception {
        DeltaLogFiles log = fork();
        byte[] third = log.commit(3).orElseThrow();

        KeptLog kept = diverged(store).rewind(NOW);

        assertThat(log.newestVersion()).hasValue(ANCESTOR + 1);
        assertThat(log.commit(ANCESTOR + 1)).hasValue(claim);
        assertThat(new TableReader(store, TableByHand.ROOT).files(ANCESTOR + 1)).containsOnlyKeys("file-1", "file-2");
        assertThat(kept.commits())
                .extracting(KeptLog.File::name)
                .containsExactly("00000000000000000003.json", "00000000000000000004.json", "00000000000000000005.json");
        assertThat(kept.files()).extracting(KeptLog.File::name).contains("00000000000000000004.crc");
        assertThat(store.get(kept.commits().get(0).at())).hasValue(third);
        assertThat(KeptLog.read(store, TableByHand.ROOT, EPOCH)).contains(kept);
    }

    @Test
    void aSecondRunChangesNothing() {
        fork();
        KeptLog kept = diverged(store).rewind(NOW);
        StepwiseStore counting = new StepwiseStore(store);
        counting.afterEachChange(() -> {
            throw new AssertionError("a change");
        });

        assertThat(diverged(counting).rewind(NOW.plusSeconds(1))).isEqualTo(kept);
    }

    /** Whoever runs it may die after each request: the table can be read then, and the next run finishes. */
    @Test
    void diesAfterEachRequestAndTheNextRunFinishes() throws Exception {
        fork();
        KeptLog expected = diverged(store).rewind(NOW);
        int requests = 0;
        boolean finished = false;
        for (; !finished; requests++) {
            DeltaLogFiles log = fork();
            try {
                diverged(new StepwiseStore(store).diesAfter(requests)).rewind(NOW);
                finished = true;
            } catch (ObjectStoreException | IllegalStateException e) {
                assertThat(e).as("after " + requests).hasStackTraceContaining("died here");
            }
            assertReadable("after " + requests + " requests");
            assertThat(diverged(store).rewind(NOW)).as("after " + requests).isEqualTo(expected);
            assertThat(log.commit(ANCESTOR + 1)).hasValue(claim);
            assertThat(log.newestVersion()).hasValue(ANCESTOR + 1);
        }
        assertThat(requests).isGreaterThan(30);
    }

    @Test
    void isReadableAndClosedForWritersAfterEachChange() {
        fork();
        StepwiseStore watched = new StepwiseStore(store);
        watched.afterEachChange(() -> assertReadable("in the middle"));

        diverged(watched).rewind(NOW);
    }

    /** The newest version has the files up to some version, and is fenced or the claim. */
    private void assertReadable(String when) {
        DeltaLogFiles log = new DeltaLogFiles(store, TableByHand.ROOT);
        long newest = log.newestVersion().orElseThrow();
        boolean claimed = log.commit(newest)
                .filter(bytes -> java.util.Arrays.equals(bytes, claim))
                .isPresent();
        assertThat(claimed || FenceCommit.isFenced(log))
                .as(when + " at " + newest)
                .isTrue();
        try {
            Set<String> files =
                    new TableReader(store, TableByHand.ROOT).files(newest).keySet();
            assertThat(files).as(when).hasSizeBetween((int) ANCESTOR, (int) DIVERGED);
            for (int file = 1; file <= files.size(); file++) {
                assertThat(files).as(when).contains("file-" + file);
            }
        } catch (UnreadableTableException e) {
            throw new AssertionError(when, e);
        }
    }

    @Test
    void whatAWriterThatWasHeldUpBringsMeanwhileIsKeptToo() {
        DeltaLogFiles log = fork();
        StepwiseStore racing = new StepwiseStore(store);
        String late = TableByHand.commit(5, "late");
        racing.before("delete", () -> store.put(log.commitFile(8), late.getBytes(StandardCharsets.UTF_8)));

        KeptLog kept = diverged(racing).rewind(NOW);

        assertThat(log.newestVersion()).hasValue(ANCESTOR + 1);
        assertThat(log.commitsAfter(ANCESTOR + 1)).isEmpty();
        assertThat(kept.commits()).extracting(KeptLog.File::name).contains("00000000000000000008.json");
    }

    @Test
    void anotherCommitOfAVersionThatIsKeptDoesNotReplaceIt() {
        DeltaLogFiles log = fork();
        KeptLog first = diverged(store).keep(NOW);
        byte[] late = TableByHand.commit(4, "late").getBytes(StandardCharsets.UTF_8);
        store.put(log.commitFile(4), late);

        KeptLog kept = diverged(store).rewind(NOW);

        assertThat(kept.files())
                .containsAll(first.files())
                .hasSize(first.files().size() + 1);
        assertThat(kept.files())
                .extracting(file -> store.get(file.at()))
                .anySatisfy(bytes -> assertThat(bytes).hasValue(late));
    }

    @Test
    void aLogThatCannotBeReadWithoutWhatIsBeyondIsLeftAlone() {
        DeltaLogFiles log = fork();
        store.delete(log.commitFile(0));

        assertThatThrownBy(() -> diverged(store).rewind(NOW))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("can't be read at version " + ANCESTOR);

        assertThat(log.commit(DIVERGED)).isPresent();
        assertThat(log.commit(DIVERGED + 1)).isPresent();
    }

    @Test
    void theHintToACheckpointBeyondGoesFirst() {
        DeltaLogFiles log = fork();
        store.put(log.lastCheckpointFile(), "{\"version\":4,\"size\":5}".getBytes(StandardCharsets.UTF_8));
        store.put(log.file("00000000000000000004.checkpoint.parquet"), new byte[] {1});
        StepwiseStore watched = new StepwiseStore(store);
        watched.before(
                "delete",
                () -> assertThat(store.head(log.file("00000000000000000004.checkpoint.parquet")))
                        .isPresent());

        KeptLog kept = diverged(watched).rewind(NOW);

        assertThat(log.lastCheckpointVersion()).isEqualTo(OptionalLong.empty());
        assertThat(store.head(log.file("00000000000000000004.checkpoint.parquet")))
                .isEmpty();
        assertThat(kept.files())
                .extracting(KeptLog.File::name)
                .contains("_last_checkpoint", "00000000000000000004.checkpoint.parquet");
    }

    @Test
    void theAncestorIsTheVersionBeforeThePromotion() {
        DeltaLogFiles left = fork();
        MemoryObjectStore other = new MemoryObjectStore();
        TableByHand promoted = new TableByHand(other, PLAIN);
        promoted.append(1);
        promoted.append(2);
        promoted.put(3, new String(claim, StandardCharsets.UTF_8));

        assertThat(CommonAncestor.find(left, promoted.log(), 3)).isInstanceOfSatisfying(CommonAncestor.At.class, at -> {
            assertThat(at.version()).isEqualTo(2);
            assertThat(at.claim()).hasValue(claim);
        });
        promoted.put(2, TableByHand.commit(2, "another"));
        assertThat(CommonAncestor.find(left, promoted.log(), 3)).isInstanceOf(CommonAncestor.Unknown.class);
        other.delete(promoted.log().commitFile(2));
        assertThat(CommonAncestor.find(left, promoted.log(), 3)).isInstanceOf(CommonAncestor.Unknown.class);
        assertThat(CommonAncestor.find(new DeltaLogFiles(store, ObjectUri.parse("s3://lake/none")), promoted.log(), 3))
                .isEqualTo(new CommonAncestor.NoTable());
    }

    /** The mirror died while it filled the way over versions that the source had vacuumed. */
    @Test
    void theAncestorIsTheVersionBeforeAWayThatWasNotGoneToItsEnd() {
        DeltaLogFiles left = fork();
        TableByHand promoted = new TableByHand(new MemoryObjectStore(), PLAIN);
        promoted.append(1);
        promoted.put(2, "{\"commitInfo\":{\"breakwaterBridge\":{}}}\n");
        promoted.append(3);

        assertThat(CommonAncestor.find(left, promoted.log(), 3)).isInstanceOfSatisfying(CommonAncestor.At.class, at -> {
            assertThat(at.version()).isEqualTo(1);
            assertThat(at.claim()).hasValue(promoted.log().commit(2).orElseThrow());
        });
    }

    /** There was no version before the way: what stands at version 0 is what a later one is. */
    @Test
    void aWayToTheFirstVersionHasNoAncestor() {
        DeltaLogFiles left = fork();
        TableByHand promoted = new TableByHand(new MemoryObjectStore(), PLAIN);
        promoted.put(0, "{\"commitInfo\":{\"breakwaterBridge\":{}}}\n");
        promoted.put(1, "{\"commitInfo\":{\"breakwaterBridge\":{}}}\n");
        promoted.append(2);

        assertThat(CommonAncestor.find(left, promoted.log(), 2))
                .isInstanceOfSatisfying(
                        CommonAncestor.Unknown.class,
                        unknown -> assertThat(unknown.reason())
                                .contains("was on its way to its first version", "move one of the two logs away"));
    }

    @Test
    void theLedgerSaysWhatEachCommitHeld() {
        byte[] bytes = TableByHand.commit(7, "seven").getBytes(StandardCharsets.UTF_8);

        DivergedCommit commit = DivergedCommit.of(7, bytes, NOW);
        TableLedger.Table table = TableLedger.Table.of("t", TableByHand.ROOT, 6, Optional.empty(), List.of(commit));

        assertThat(commit.rows()).hasValue(7);
        assertThat(commit.bytes()).isEqualTo(107);
        assertThat(commit.operation()).contains("WRITE");
        assertThat(commit.engine()).contains("by hand");
        assertThat(commit.time()).isEqualTo(Instant.ofEpochMilli(7));
        assertThat(table.rows()).hasValue(7);
        TableLedger ledger = new TableLedger(1, "g", EPOCH, NOW, "east", List.of(table));
        ObjectUri at = ObjectUri.parse("s3://b/ledger/tables.json");
        ledger.write(store, at);
        assertThat(TableLedger.parse(store.get(at).orElseThrow())).isEqualTo(ledger);
    }

    @Test
    void rowsAreNotKnownWithoutStatistics() {
        byte[] bytes = "{\"add\":{\"path\":\"a\",\"size\":3}}\n{\"remove\":{\"path\":\"b\"}}\n"
                .getBytes(StandardCharsets.UTF_8);

        DivergedCommit commit = DivergedCommit.of(1, bytes, NOW);

        assertThat(commit.rows()).isEmpty();
        assertThat(commit.removed()).containsExactly("b");
        assertThat(commit.time()).isEqualTo(NOW);
    }
}
