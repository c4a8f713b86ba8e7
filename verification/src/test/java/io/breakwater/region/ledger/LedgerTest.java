package io.breakwater.region.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.MemoryObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ledger.LedgerManifest.Part;
import io.breakwater.region.ledger.LedgerManifest.Total;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files and manifest of a ledger, written and read, without a cluster; OffsetsCommandIT has one. */
class LedgerTest {

    private static final PartitionKey ORDERS = new PartitionKey("orders", 3);
    private static final int SMALL = 400;

    @TempDir
    private Path directory;

    @Test
    void aRecordIsReadAsItWasOnTheSource() throws IOException {
        RecordHeaders headers = new RecordHeaders();
        headers.add("a", new byte[] {1}).add("a", null).add("b", new byte[0]);
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
                "orders",
                3,
                17,
                1234,
                TimestampType.LOG_APPEND_TIME,
                0,
                0,
                null,
                new byte[0],
                headers,
                Optional.empty());

        String line = new String(LedgerRecord.of(record).toLine(), StandardCharsets.UTF_8);
        LedgerRecord read = LedgerRecord.fromLine(line);

        assertThat(line)
                .isEqualTo("{\"topic\":\"orders\",\"partition\":3,\"offset\":17,\"timestamp\":1234,"
                        + "\"timestampType\":\"LOG_APPEND_TIME\",\"key\":null,\"value\":\"\",\"headers\":["
                        + "{\"key\":\"a\",\"value\":\"AQ==\"},{\"key\":\"a\",\"value\":null},"
                        + "{\"key\":\"b\",\"value\":\"\"}]}");
        assertThat(read).usingRecursiveComparison().isEqualTo(LedgerRecord.of(record));
        assertThat(read.key()).isEmpty();
        assertThat(read.value()).hasValueSatisfying(value -> assertThat(value).isEmpty());
    }

    @Test
    void aLongPartitionIsSplitIntoFilesOfALimitedSize() throws IOException {
        LedgerFolder folder = LedgerFolder.of(directory);

        LedgerManifest manifest = written(folder, 40);

        List<LedgerManifest.File> files = manifest.partitions().get(0).files();
        assertThat(files).hasSizeGreaterThan(5).allMatch(file -> file.bytes() < 2 * SMALL);
        assertThat(files.get(1).name())
                .isEqualTo("orders-3/" + String.format("%020d", files.get(1).from()) + ".jsonl");
        assertThat(Files.size(directory.resolve(files.get(0).name())))
                .isEqualTo(files.get(0).bytes());
        assertThat(manifest.total().records()).isEqualTo(40);
        assertThat(offsets(folder)).hasSize(40).isSorted();
        assertThat(new LedgerReader(folder).verify().failures()).isEmpty();
    }

    @Test
    void liesInAnObjectStoreAsWell() throws IOException {
        LedgerFolder folder = LedgerFolder.of(new MemoryObjectStore(), ObjectUri.parse("s3://breakwater/ledger/a/2"));

        LedgerManifest manifest = written(folder, 9);

        assertThat(new LedgerReader(folder).manifest()).isEqualTo(manifest);
        assertThat(offsets(folder)).hasSize(9);
        assertThat(new LedgerReader(folder).verify().failures()).isEmpty();
    }

    @Test
    void everyFlippedByteIsFound() throws IOException {
        LedgerFolder folder = LedgerFolder.of(directory);
        LedgerManifest manifest = written(folder, 2);
        Path file =
                directory.resolve(manifest.partitions().get(0).files().get(0).name());
        byte[] good = Files.readAllBytes(file);
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 4;
            Files.write(file, bad);

            assertThat(new LedgerReader(folder).verify().failures())
                    .as("byte %d", i)
                    .isNotEmpty()
                    .allMatch(failure -> failure.startsWith(file.toString()));
        }
    }

    @Test
    void aFileThatIsGoneOrShorterIsFound() throws IOException {
        LedgerFolder folder = LedgerFolder.of(directory);
        LedgerManifest manifest = written(folder, 20);
        List<LedgerManifest.File> files = manifest.partitions().get(0).files();
        Files.delete(directory.resolve(files.get(0).name()));
        Path cut = directory.resolve(files.get(1).name());
        Files.writeString(cut, Files.readAllLines(cut).get(0) + "\n");

        List<String> failures = new LedgerReader(folder).verify().failures();

        assertThat(failures).anyMatch(f -> f.contains("it is not there; the manifest has it with"));
        assertThat(failures).anyMatch(f -> f.startsWith(cut + ": records 1, the manifest has"));
        assertThatThrownBy(() -> offsets(folder))
                .isInstanceOf(InvalidLedgerException.class)
                .hasMessageContaining("it is not there");
    }

    @Test
    void aManifestThatDoesNotAddUpIsFound() throws IOException {
        LedgerFolder folder = LedgerFolder.of(directory);
        written(folder, 3);
        Path manifest = directory.resolve(LedgerManifest.NAME);
        Files.writeString(manifest, Files.readString(manifest).replaceFirst("\"records\" : 3", "\"records\" : 4"));

        assertThat(new LedgerReader(folder).verify().failures())
                .anyMatch(f -> f.startsWith(manifest + ": orders-3 has 4 records, its files 3"));
    }

    @Test
    void aLedgerWithoutManifestOrOfALaterVersionIsRefused() throws IOException {
        LedgerReader reader = new LedgerReader(LedgerFolder.of(directory));

        assertThatThrownBy(reader::verify)
                .isInstanceOf(InvalidLedgerException.class)
                .hasMessageContaining("a ledger without a manifest is not complete");
        Files.writeString(directory.resolve(LedgerManifest.NAME), "{\"formatVersion\":2,\"more\":1}");
        assertThatThrownBy(reader::verify)
                .isInstanceOf(InvalidLedgerException.class)
                .hasMessageContaining("a loss ledger of version 2; this release knows version 1");
        Files.writeString(directory.resolve(LedgerManifest.NAME), "{\"formatVersion\":1,\"more\":1}");
        assertThatThrownBy(reader::verify)
                .isInstanceOf(InvalidLedgerException.class)
                .hasMessageContaining("not the manifest of a loss ledger");
    }

    @Test
    void aNameThatLeadsOutOfTheFolderIsNotOpened() throws IOException {
        Files.writeString(directory.resolve("outside"), "x");

        assertThat(LedgerFolder.of(directory.resolve("ledger")).open("../outside"))
                .isEmpty();
    }

    /** Every third offset is there, as after aborted transactions. */
    private static LedgerManifest written(LedgerFolder folder, int records) throws IOException {
        Part part;
        try (LedgerFiles files = new LedgerFiles(folder, ORDERS, SMALL)) {
            for (int i = 0; i < records; i++) {
                files.add(LedgerRecord.of(new ConsumerRecord<>(
                        "orders", 3, 100 + 3L * i, ("key-" + i).getBytes(StandardCharsets.UTF_8), new byte[i])));
            }
            files.finish();
            part = new Part(
                    "orders",
                    Optional.of("b0QbmRJVQmmzWvvXGGtFIw"),
                    3,
                    100,
                    100,
                    100 + 3L * records,
                    100 + 3L * records,
                    files.records(),
                    files.written());
        }
        LedgerManifest manifest = new LedgerManifest(
                LedgerManifest.FORMAT_VERSION,
                Optional.of("flights"),
                Optional.of(2L),
                Instant.EPOCH,
                "5L6g3nShT-eMCtK--X86sw",
                "AAAAAAAAAAEAAAAAAAAAAQ",
                List.of(part),
                Total.of(List.of(part)));
        Path file = Files.createTempFile("manifest", ".json");
        try {
            Files.writeString(file, Json.MAPPER.valueToTree(manifest).toPrettyString());
            folder.put(LedgerManifest.NAME, file);
        } finally {
            Files.delete(file);
        }
        return manifest;
    }

    private static List<Long> offsets(LedgerFolder folder) throws IOException {
        List<Long> offsets = new ArrayList<>();
        new LedgerReader(folder).read(record -> offsets.add(record.offset()));
        return offsets;
    }
}
