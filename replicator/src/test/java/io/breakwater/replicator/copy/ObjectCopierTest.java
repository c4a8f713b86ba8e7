package io.breakwater.replicator.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.FaultyStore.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectCopierTest {

    private static final ObjectUri FROM = ObjectUri.parse("s3://east/a");
    private static final ObjectUri TO = ObjectUri.parse("s3://west/a");
    private static final CopyJob JOB = new CopyJob(FROM, TO, OptionalLong.of(6));
    private static final byte[] BYTES = {1, 2, 3, 4, 5, 6};
    private static final String MD5 = Digests.of(BYTES, BYTES.length);

    @TempDir
    private Path folder;

    private final FaultyStore source = new FaultyStore();
    private final FaultyStore target = new FaultyStore();
    private ObjectCopier buffering;
    private ObjectCopier throughFiles;

    @BeforeEach
    void open() {
        buffering = new ObjectCopier(source, target, new CopyLimits(2, 100, 3, Duration.ofMillis(1), folder));
        throughFiles = new ObjectCopier(source, target, new CopyLimits(2, 5, 3, Duration.ofMillis(1), folder));
        source.put(FROM, BYTES);
    }

    @AfterEach
    void close() {
        buffering.close();
        throughFiles.close();
    }

    @Test
    void copiesSmallAndLargeObjects() throws InterruptedException {
        for (ObjectCopier copier : List.of(buffering, throughFiles)) {
            target.delete(TO);
            assertThat(copier.copy(List.of(JOB))).containsExactly(new CopyOutcome.Copied(6, MD5));
            assertThat(target.get(TO)).hasValue(BYTES);
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void outcomesComeInTheOrderOfTheJobs() throws InterruptedException {
        List<CopyJob> jobs = Stream.concat(
                        IntStream.range(0, 20).mapToObj(i -> {
                            ObjectUri from = ObjectUri.parse("s3://east/n" + i);
                            source.put(from, new byte[i + 1]);
                            return new CopyJob(from, ObjectUri.parse("s3://west/n" + i), OptionalLong.empty());
                        }),
                        Stream.of(new CopyJob(ObjectUri.parse("s3://east/none"), TO, OptionalLong.empty())))
                .toList();

        List<CopyOutcome> outcomes = buffering.copy(jobs);

        assertThat(outcomes.subList(0, 20))
                .isEqualTo(IntStream.range(0, 20)
                        .mapToObj(i -> new CopyOutcome.Copied(i + 1, Digests.of(new byte[i + 1], i + 1)))
                        .toList());
        assertThat(outcomes.get(20)).isEqualTo(new CopyOutcome.SourceMissing());
    }

    @Test
    void whatIsThereEqualIsNotCopiedAgain() throws InterruptedException {
        buffering.copy(List.of(JOB));
        source.fails(Fault.UNREACHABLE);

        assertThat(buffering.copy(List.of(JOB))).containsExactly(new CopyOutcome.AlreadyThere(6, MD5));
        source.delete(FROM);
        assertThat(buffering.copy(List.of(JOB))).containsExactly(new CopyOutcome.AlreadyThere(6, MD5));
    }

    @Test
    void otherBytesAtTheTargetStay() throws InterruptedException {
        byte[] foreign = {6, 5, 4, 3, 2, 1};
        target.put(TO, foreign);

        assertThat(buffering.copy(List.of(JOB))).singleElement().isInstanceOf(CopyOutcome.Different.class);
        assertThat(target.get(TO)).hasValue(foreign);
    }

    @Test
    void anObjectOfAnotherSizeThanAnnouncedIsNotTaken() throws InterruptedException {
        CopyJob announced = new CopyJob(FROM, TO, OptionalLong.of(7));

        assertThat(buffering.copy(List.of(announced))).singleElement().isInstanceOf(CopyOutcome.Different.class);
        assertThat(target.get(TO)).isEmpty();
    }

    @Test
    void aCutConnectionAndDamageOnTheWayAreTriedAgain() throws InterruptedException {
        for (ObjectCopier copier : List.of(buffering, throughFiles)) {
            target.delete(TO);
            source.fails(Fault.TRUNCATED_WHEN_READ);
            target.fails(Fault.CHANGED_WHEN_WRITTEN);

            assertThat(copier.copy(List.of(JOB))).containsExactly(new CopyOutcome.Copied(6, MD5));
            assertThat(target.get(TO)).hasValue(BYTES);
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void givesUpAfterAllAttemptsAndLeavesNothingWrong() throws InterruptedException {
        target.fails(
                Fault.CHANGED_WHEN_WRITTEN, Fault.CHANGED_WHEN_WRITTEN, Fault.UNREACHABLE, Fault.CHANGED_WHEN_WRITTEN);

        assertThat(buffering.copy(List.of(JOB))).singleElement().isInstanceOf(CopyOutcome.Failed.class);
        assertThat(target.get(TO)).isEmpty();
    }
}
