package io.breakwater.local.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.PartitionKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalsTest {

    private static final PartitionKey PARTITION = new PartitionKey("flights.events", 2);

    @TempDir
    Path folder;

    private final List<Entry> entries = List.of(
            new Entry.Acknowledged("east", 7, PARTITION, 3, 1000, 1004),
            new Entry.Processed("east", 7, PARTITION, 3, 1010),
            new Entry.Committed("east", PARTITION, 4, 1020),
            new Entry.Started("west", PARTITION, 9, 2000),
            new Entry.TableCommit("east", 0, 12, 1030),
            new Entry.JobCheckpoint("west", "a1", "s3://flink-west/sp", 5, 2100, 2200));

    @Test
    void readsWhatWasWritten() {
        try (JournalWriter writer = new JournalWriter(folder)) {
            entries.forEach(writer::append);
        }

        Journals journals = Journals.read(folder);

        assertThat(all(journals)).isEqualTo(entries);
    }

    @Test
    void leavesOutALineThatWasNotWrittenToItsEnd() throws IOException {
        try (JournalWriter writer = new JournalWriter(folder)) {
            entries.forEach(writer::append);
        }
        Files.writeString(folder.resolve("acknowledged.csv"), "east,8,flights.ev", StandardOpenOption.APPEND);

        Journals journals = Journals.read(folder);

        assertThat(journals.acknowledged()).hasSize(1);
    }

    @Test
    void aFolderWithoutJournalsIsEmpty() {
        assertThat(all(Journals.read(folder))).isEmpty();
    }

    private static List<Entry> all(Journals journals) {
        return List.of(
                        journals.acknowledged(),
                        journals.processed(),
                        journals.committed(),
                        journals.started(),
                        journals.tableCommits(),
                        journals.jobCheckpoints())
                .stream()
                .<Entry>flatMap(List::stream)
                .toList();
    }
}
