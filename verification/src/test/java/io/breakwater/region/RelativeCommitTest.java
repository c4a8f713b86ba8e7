package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.breakwater.region.CommitContent.Reason;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RelativeCommitTest {

    private static final ObjectUri TABLE = ObjectUri.parse("s3://lake/clone");
    private static final String VECTOR = "deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin";

    @Test
    void aShallowClonesFilesLieBelowTheTable() {
        String kept = "{\"commitInfo\":{\"operation\":\"CLONE\", \"timestamp\":1}}\n";
        RelativeCommit relative = relative(kept + """
                {"add":{"path":"s3a://lake/base/day=1%202/a%2520b.parquet","size":3}}
                {"remove":{"path":"s3://lake/clone/own.parquet"}}
                {"add":{"path":"own%20two.parquet","size":1}}
                """);

        String text = new String(relative.bytes(), StandardCharsets.UTF_8);
        assertThat(text).startsWith(kept).endsWith("{\"add\":{\"path\":\"own%20two.parquet\",\"size\":1}}\n");
        DeltaCommit commit = parsed(relative);
        assertThat(commit.adds())
                .extracting(DeltaCommit.DataFile::path)
                .containsExactly("cloned/lake/base/day=1 2/a%20b.parquet", "own two.parquet");
        assertThat(commit.removes()).containsExactly("own.parquet");
        assertThat(relative.origins())
                .contains(entry(
                        "cloned/lake/base/day=1 2/a%20b.parquet",
                        ObjectUri.parse("s3://lake/base/day=1 2/a%20b.parquet")));
    }

    @Test
    void anAbsoluteDeletionVectorBecomesOneOfTheTable() {
        RelativeCommit relative =
                relative("{\"add\":{\"path\":\"a\",\"size\":1,\"deletionVector\":{\"storageType\":\"p\","
                        + "\"pathOrInlineDv\":\"s3://lake/base/ab/" + VECTOR + "\",\"offset\":4,\"sizeInBytes\":40}}}");

        String path =
                parsed(relative).adds().get(0).deletionVector().orElseThrow().path();
        assertThat(path).matches("cloned[0-9a-f]{12}/" + VECTOR);
        assertThat(relative.origins()).containsExactly(entry(path, ObjectUri.parse("s3://lake/base/ab/" + VECTOR)));
    }

    @Test
    void theSameCommitGivesTheSameBytes() {
        String commit = "{\"add\":{\"path\":\"/base/a\",\"size\":1}}\n";

        assertThat(relative(commit).bytes()).isEqualTo(relative(commit).bytes());
        assertThat(parsed(relative(commit)).adds().get(0).path()).isEqualTo("cloned/lake/base/a");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            {"add":{"path":"s3://secret/a.parquet","size":1}}       | ABSOLUTE_PATH
            {"add":{"path":"file:/a.parquet","size":1}}             | ABSOLUTE_PATH
            {"add":{"path":"abfss://c@a/b.parquet","size":1}}       | ABSOLUTE_PATH
            {"add":{"path":"s3://lake/base/../../x","size":1}}      | PATH_LEAVES_TABLE
            {"add":{"path":"s3://lake/clone/_delta_log/0","size":1}}| PATH_LEAVES_TABLE
            {"add":{"path":"a","size":1,"deletionVector":{"storageType":"p","pathOrInlineDv":"s3://lake/x","sizeInBytes":1}}} | ABSOLUTE_PATH
            {"add":                                                 | CORRUPT
            """)
    void refusesWhatMayNotBeCopiedIn(String line, Reason reason) {
        assertThat(RelativeCommit.of(line.getBytes(StandardCharsets.UTF_8), TABLE, "lake"::equals))
                .isInstanceOfSatisfying(
                        RelativeCommit.Outcome.Refused.class,
                        refused -> assertThat(refused.why().reason()).isEqualTo(reason));
    }

    private static RelativeCommit relative(String commit) {
        RelativeCommit.Outcome outcome =
                RelativeCommit.of(commit.getBytes(StandardCharsets.UTF_8), TABLE, "lake"::equals);
        assertThat(outcome).isInstanceOf(RelativeCommit.Outcome.Relative.class);
        return ((RelativeCommit.Outcome.Relative) outcome).commit();
    }

    private static DeltaCommit parsed(RelativeCommit relative) {
        return ((CommitContent.Actions) DeltaCommit.parse(relative.bytes())).commit();
    }
}
