package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.breakwater.platform.Epoch;
import io.breakwater.region.CommitContent.Reason;
import io.breakwater.region.DeltaCommit.DataFile;
import io.breakwater.region.DeltaCommit.DeletionVector;
import io.breakwater.region.DeltaCommit.Marker;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeltaCommitTest {

    @Test
    void readsTheActionsThatMatter() {
        DeltaCommit commit = read("""
                {"commitInfo":{"inCommitTimestamp":1700000000500,"timestamp":1700000000000,"operation":"WRITE"}}
                {"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors"]}}
                {"metaData":{"id":"x","format":{"provider":"parquet"},"schemaString":"{}","partitionColumns":[]}}
                {"add":{"path":"day=1/a.parquet","size":10,"deletionVector":null,"partitionValues":{"day":"1"}}}
                {"remove":{"path":"day=0/b.parquet","deletionTimestamp":1}}
                {"cdc":{"path":"_change_data/c.parquet","size":3}}
                {"txn":{"appId":"app","version":4}}
                {"txn":{"appId":"app","version":5}}
                """);

        assertThat(commit.adds())
                .containsExactly(new DataFile("day=1/a.parquet", OptionalLong.of(10), Optional.empty()));
        assertThat(commit.removes()).containsExactly("day=0/b.parquet");
        assertThat(commit.metadata()).map(DeltaCommit.Metadata::id).contains("x");
        assertThat(commit.info()).flatMap(DeltaCommit.CommitInfo::operation).contains("WRITE");
        assertThat(commit.changes())
                .containsExactly(new DataFile("_change_data/c.parquet", OptionalLong.of(3), Optional.empty()));
        assertThat(commit.txns()).containsExactly(entry("app", 5L));
        assertThat(commit.protocol().orElseThrow().readerFeatures()).isEqualTo(Set.of("deletionVectors"));
        assertThat(commit.time()).contains(Instant.ofEpochMilli(1700000000500L));
        assertThat(commit.marker()).isEmpty();
    }

    @Test
    void decodesPathsOnce() {
        assertThat(onlyPath("ts=2020-01-01%2001%253A00/caf%C3%A9%20%23.parquet"))
                .isEqualTo("ts=2020-01-01 01%3A00/café #.parquet");
        assertThat(onlyPath("name=a+b/x y.parquet")).isEqualTo("name=a+b/x y.parquet");
    }

    @Test
    void findsTheFileOfADeletionVector() {
        // Both examples are PROTOCOL.md's, "Deletion Vector Descriptor Schema".
        DeltaCommit commit = read("""
                {"add":{"path":"a","size":1,"deletionVector":{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,"cardinality":6}}}
                {"add":{"path":"b","size":1,"deletionVector":{"storageType":"i","pathOrInlineDv":"wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L","sizeInBytes":40,"cardinality":6}}}
                """);

        assertThat(commit.adds().get(0).deletionVector())
                .contains(new DeletionVector("ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin", 44));
        assertThat(commit.adds().get(1).deletionVector()).isEmpty();
    }

    @Test
    void knowsOurOwnCommits() {
        DeltaCommit commit = read("{\"commitInfo\":{\"timestamp\":1,\"breakwater\":"
                + "{\"marker\":\"fence\",\"epoch\":3,\"operation\":\"op-1\"}}}");

        assertThat(commit.marker()).contains(new Marker(Marker.FENCE, new Epoch(3), "op-1"));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            {"add":{"path":"s3://other/a.parquet","size":1}}  | ABSOLUTE_PATH
            {"add":{"path":"/a.parquet","size":1}}            | ABSOLUTE_PATH
            {"remove":{"path":"file:///a.parquet"}}           | ABSOLUTE_PATH
            {"add":{"path":"x","size":1,"deletionVector":{"storageType":"p","pathOrInlineDv":"s3://b/x","sizeInBytes":1}}} | ABSOLUTE_PATH
            {"add":{"path":"../a.parquet","size":1}}          | PATH_LEAVES_TABLE
            {"add":{"path":"d/%2E%2E/%2e./a","size":1}}       | PATH_LEAVES_TABLE
            {"add":{"path":"d//a","size":1}}                  | PATH_LEAVES_TABLE
            {"add":{"path":"_delta_log/00000000000000000000.json","size":1}} | PATH_LEAVES_TABLE
            {"sidecar":{"path":"x/../../y","sizeInBytes":1}}  | PATH_LEAVES_TABLE
            {"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["catalogManaged"],"writerFeatures":["catalogManaged"]}} | CATALOG_MANAGED
            {"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["catalogOwned-preview"]}} | CATALOG_MANAGED
            {"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["elsewhere"]}} | UNKNOWN_PROTOCOL
            {"protocol":{"minReaderVersion":99,"minWriterVersion":7}} | UNKNOWN_PROTOCOL
            {"add":{"path":"a%zz","size":1}}                  | CORRUPT
            {"add":{"path":"a%ff","size":1}}                  | CORRUPT
            {"add":{"path":"a","size":-1}}                    | CORRUPT
            {"add":{"size":1}}                                | CORRUPT
            {"txn":{"appId":"a","version":1.5}}               | CORRUPT
            {"add":{"path":"a",                               | CORRUPT
            {"add":{"path":"a","size":1}} trailing            | CORRUPT
            []                                                | CORRUPT
            """)
    void refusesWhatCannotBeCarried(String line, Reason reason) {
        CommitContent content = DeltaCommit.parse(line.getBytes(StandardCharsets.UTF_8));

        assertThat(content).isInstanceOfSatisfying(CommitContent.Refused.class, refused -> {
            assertThat(refused.reason()).isEqualTo(reason);
            assertThat(refused.detail()).startsWith("line 1: ");
        });
    }

    @Test
    void refusesBytesThatAreNotUtf8AndEmptyFiles() {
        byte[] latin = "{\"add\":{\"path\":\"caf\u00e9\",\"size\":1}}".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(DeltaCommit.parse(latin)).isInstanceOf(CommitContent.Refused.class);
        assertThat(DeltaCommit.parse(new byte[0])).isInstanceOf(CommitContent.Refused.class);
    }

    private static String onlyPath(String raw) {
        return read("{\"add\":{\"path\":\"" + raw + "\",\"size\":1}}")
                .adds()
                .get(0)
                .path();
    }

    private static DeltaCommit read(String json) {
        CommitContent content = DeltaCommit.parse(json.getBytes(StandardCharsets.UTF_8));
        assertThat(content).isInstanceOf(CommitContent.Actions.class);
        return ((CommitContent.Actions) content).commit();
    }
}
