package io.breakwater.replicator.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.FaultyStore.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects whose bytes are passed on while they are read. */
class WholeCopyTest {

    private static final int SIZE = WholeCopy.SMALLEST_PASSED_ON;

    @TempDir
    private Path folder;

    private final FaultyStore source = new FaultyStore();
    private final FaultyStore target = new FaultyStore();
    private ObjectCopier copier;

    @BeforeEach
    void open() {
        target.takesStreams();
        copier = new ObjectCopier(source, target, new CopyLimits(1, SIZE, 3, Duration.ofMillis(1), folder));
    }

    @AfterEach
    void close() {
        copier.close();
    }

    private CopyJob job(int number, int size) {
        byte[] bytes = new byte[size];
        new Random(number).nextBytes(bytes);
        ObjectUri from = ObjectUri.parse("s3://east/" + number);
        source.put(from, bytes);
        return new CopyJob(from, ObjectUri.parse("s3://west/" + number), OptionalLong.of(size));
    }

    private void assertArrived(CopyJob job, List<CopyOutcome> outcomes) {
        byte[] bytes = source.get(job.from()).orElseThrow();
        String tag = target.head(job.to()).orElseThrow().etag();
        assertThat(outcomes).containsExactly(new CopyOutcome.Copied(bytes.length, tag));
        assertThat(target.get(job.to())).hasValue(bytes);
    }

    @Test
    void whatIsSmallIsReadFirst() throws InterruptedException {
        CopyJob small = job(1, SIZE - 1);
        CopyJob large = job(2, SIZE);

        List<CopyOutcome> ofSmall = copier.copy(List.of(small));
        List<CopyOutcome> ofLarge = copier.copy(List.of(large));

        assertArrived(small, ofSmall);
        assertArrived(large, ofLarge);
        assertThat(target.streamedPuts()).isEqualTo(1);
    }

    @Test
    void whatFailedOnceIsReadFirst() throws InterruptedException {
        CopyJob job = job(1, SIZE);
        source.fails(Fault.TRUNCATED_WHEN_READ);

        List<CopyOutcome> outcomes = copier.copy(List.of(job));

        assertArrived(job, outcomes);
        assertThat(target.streamedPuts()).isEqualTo(1);
    }

    @Test
    void theFirstOfAnEncryptingSourceIsRefusedAndNoFurtherOneIsPassedOn() throws InterruptedException {
        source.encrypts();
        List<CopyJob> jobs = IntStream.range(0, 5).mapToObj(i -> job(i, SIZE)).toList();

        List<CopyOutcome> outcomes = copier.copy(jobs);

        assertThat(outcomes)
                .hasSize(5)
                .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(CopyOutcome.Copied.class));
        jobs.forEach(job ->
                assertThat(target.get(job.to())).hasValue(source.get(job.from()).orElseThrow()));
        assertThat(target.streamedPuts()).isEqualTo(1);
    }

    @Test
    void anEncryptingTargetIsReadBack() throws InterruptedException {
        target.encrypts();
        CopyJob job = job(1, SIZE);

        List<CopyOutcome> outcomes = copier.copy(List.of(job));

        assertArrived(job, outcomes);
        assertThat(target.streamedPuts()).isEqualTo(1);
    }

    @Test
    void whatATargetWithoutDigestsReceivedWrongIsRemovedAndSentAgain() throws InterruptedException {
        target.encrypts();
        target.ignoresDigests();
        target.fails(Fault.CHANGED_WHEN_WRITTEN);
        CopyJob job = job(1, SIZE);

        List<CopyOutcome> outcomes = copier.copy(List.of(job));

        assertArrived(job, outcomes);
    }

    @Test
    void neitherTagsNorDigestsToGoByStillGiveTheRightBytes() throws InterruptedException {
        source.encrypts();
        target.encrypts();
        target.ignoresDigests();
        CopyJob job = job(1, SIZE);

        List<CopyOutcome> outcomes = copier.copy(List.of(job));

        assertArrived(job, outcomes);
    }

    @Test
    void theOnlyAttemptKeepsTheBytesToTellByThem() throws InterruptedException {
        source.encrypts();
        CopyJob job = job(1, SIZE);

        List<CopyOutcome> outcomes;
        try (ObjectCopier once =
                new ObjectCopier(source, target, new CopyLimits(1, SIZE, 1, Duration.ofMillis(1), folder))) {
            outcomes = once.copy(List.of(job));
        }

        assertArrived(job, outcomes);
        assertThat(target.streamedPuts()).isZero();
    }
}
