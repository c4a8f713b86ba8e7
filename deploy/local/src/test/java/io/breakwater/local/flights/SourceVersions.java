package io.breakwater.local.flights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.verification.delta.TableContent;
import io.breakwater.verification.delta.TableReader;
import io.breakwater.verification.delta.TableReader.UnreadableTableException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;

/** What a table was at each of its versions, kept as they came: a vacuum may have taken their files since. */
final class SourceVersions {

    /** A reader of the replica may be ahead of the one that writes down what the source has. */
    private static final Duration SOON = Duration.ofMinutes(1);

    private final ConcurrentSkipListMap<Long, TableContent> contents = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<Long, byte[]> commits = new ConcurrentSkipListMap<>();
    private final DeltaLogFiles log;
    private final TableReader reader;

    SourceVersions(ObjectStore store, ObjectUri table) {
        this.log = new DeltaLogFiles(store, table);
        this.reader = new TableReader(store, table);
    }

    /** Writes down the versions that are new; called by the writer between its statements. */
    void note() throws UnreadableTableException {
        for (LogFile commit : log.commitsAfter(newest())) {
            commits.put(commit.version(), log.commit(commit.version()).orElseThrow());
            contents.put(commit.version(), reader.content(commit.version()));
        }
    }

    long newest() {
        return contents.isEmpty() ? -1 : contents.lastKey();
    }

    /** The content must be that of the source's version of the same number. */
    void assertIsOne(TableContent replica, String when) {
        await().atMost(SOON).until(() -> contents.containsKey(replica.version()));
        TableContent expected = Objects.requireNonNull(contents.get(replica.version()));
        assertThat(replica.files()).as(when).isEqualTo(expected.files());
        assertThat(replica.rows()).as(when).isEqualTo(expected.rows());
        assertThat(replica.digest()).as(when).isEqualTo(expected.digest());
    }

    TableContent at(long version) {
        return Objects.requireNonNull(contents.get(version));
    }

    /** Every version on the replica has the source's bytes and reads as the source's did. */
    void assertAllOn(ObjectStore store, ObjectUri replica) throws UnreadableTableException {
        DeltaLogFiles copy = new DeltaLogFiles(store, replica);
        assertThat(copy.newestVersion()).hasValue(newest());
        for (long version = 0; version <= newest(); version++) {
            String when = replica + " at version " + version;
            assertThat(copy.commit(version)).as(when).hasValue(Objects.requireNonNull(commits.get(version)));
            assertIsOne(new TableReader(store, replica).content(version), when);
        }
    }
}
