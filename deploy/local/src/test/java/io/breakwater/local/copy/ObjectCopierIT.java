package io.breakwater.local.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.copy.FaultProxy.Fault;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.platform.S3Dialect.Addressing;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.PartUploads;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.region.StoreProbe;
import io.breakwater.replicator.copy.CopyJob;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.CopyOutcome;
import io.breakwater.replicator.copy.ObjectCopier;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The copier between two real S3 servers, with a proxy before each that breaks what it is told to. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ObjectCopierIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(4);
    /** Less than a late answer takes; a copy of 32 MiB has 8 s more. */
    private static final Duration HASTE = Duration.ofSeconds(2);

    private static final int MIB = 1 << 20;
    private static final int PART = 5 * MIB;
    /** Sizes of objects: one that is read before it is sent, and one whose bytes are passed on as they come. */
    private static final int READ_FIRST = 20_000;

    private static final int PASSED_ON = 1_000_000;
    private static final int FOUR_PARTS = 3 * PART + 12_345;

    private final ProjectLayout layout = ProjectLayout.find();

    private Path directory;
    private S3Server east;
    private S3Server west;
    private FaultProxy beforeSource;
    private FaultProxy beforeTarget;
    private ObjectStore source;
    private ObjectStore target;
    private ObjectStore brokenSource;
    private ObjectStore brokenTarget;
    private ObjectCopier copier;

    @BeforeAll
    void servers(@TempDir Path shared) throws Exception {
        directory = shared;
        Progress progress = Progress.to(System.out);
        east = S3Server.in(layout, "s3-east", directory.resolve("east"), Map.of("lake", "lake-east"));
        west = S3Server.in(layout, "s3-west", directory.resolve("west"), Map.of("lake", "lake-west"));
        east.launch();
        west.launch();
        east.awaitReady(progress);
        west.awaitReady(progress);
        beforeSource = new FaultProxy(east.endpoint());
        beforeTarget = new FaultProxy(west.endpoint());
        source = S3ObjectStore.connect(east.site(), TIMEOUT);
        target = S3ObjectStore.connect(west.site(), TIMEOUT);
        brokenSource = S3ObjectStore.connect(through(beforeSource, east), TIMEOUT);
        brokenTarget = S3ObjectStore.connect(through(beforeTarget, west), TIMEOUT);
    }

    private static ObjectStoreSite through(FaultProxy proxy, S3Server server) {
        ObjectStoreSite site = server.site();
        return new ObjectStoreSite(
                site.region(), Optional.of(proxy.endpoint()), site.accessKey(), site.secretKey(), site.buckets());
    }

    @BeforeEach
    void open() {
        copier = copier();
    }

    private ObjectCopier copier() {
        return new ObjectCopier(
                brokenSource, brokenTarget, new CopyLimits(4, PART, 4, Duration.ofMillis(20), directory));
    }

    @AfterEach
    void heal() {
        copier.close();
        beforeSource.heal();
        beforeTarget.heal();
    }

    @AfterAll
    void end() throws Exception {
        for (AutoCloseable each :
                List.of(source, target, brokenSource, brokenTarget, beforeSource, beforeTarget, east, west)) {
            each.close();
        }
    }

    private static ObjectUri from(String name) {
        return new ObjectUri("lake-east", name);
    }

    private static ObjectUri to(String name) {
        return new ObjectUri("lake-west", name);
    }

    private CopyJob job(String name, int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        source.put(from(name), bytes);
        return new CopyJob(from(name), to(name), OptionalLong.of(size));
    }

    private String tag(CopyJob job) {
        return target.head(job.to()).orElseThrow().etag();
    }

    private void assertSame(String name) {
        assertThat(target.get(to(name)).orElseThrow())
                .isEqualTo(source.get(from(name)).orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(ints = {READ_FIRST, PASSED_ON})
    void whatFailsOnceIsRightInTheEnd(int size) throws InterruptedException {
        Map<String, Fault> atSource = Map.of(
                size + "-get-500.bin", Fault.SERVER_ERROR,
                size + "-get-slow.bin", Fault.SLOW,
                size + "-get-cut.bin", Fault.CUT,
                size + "-get-damaged.bin", Fault.DAMAGED_ANSWER);
        Map<String, Fault> atTarget = Map.of(
                size + "-put-500.bin", Fault.SERVER_ERROR,
                size + "-put-slow.bin", Fault.SLOW,
                size + "-put-damaged.bin", Fault.DAMAGED_BODY,
                size + "-put-lost.bin", Fault.ANSWER_LOST);
        List<CopyJob> jobs = Stream.concat(atSource.keySet().stream(), atTarget.keySet().stream())
                .map(name -> job(name, size))
                .toList();
        atSource.forEach((name, fault) -> beforeSource.fails("GET", name, fault, 1));
        atTarget.forEach((name, fault) -> beforeTarget.fails("PUT", name, fault, 1));

        List<CopyOutcome> outcomes = copier.copy(jobs);

        assertThat(outcomes).allMatch(outcome -> outcome instanceof CopyOutcome.Arrived);
        jobs.forEach(job -> assertSame(job.from().key()));
    }

    @ParameterizedTest
    @ValueSource(ints = {READ_FIRST, PASSED_ON})
    void aSmallObjectIsOneGetAndOnePut(int size) throws InterruptedException {
        String name = "small-" + size + ".bin";
        CopyJob job = job(name, size);

        copier.copy(List.of(job));

        assertThat(beforeSource.count("", name)).isEqualTo(1);
        assertThat(beforeTarget.count("", name)).isEqualTo(1);
        assertSame(name);
    }

    /** A put whose bytes were passed on has none left to tell by whether they or the source's tag was wrong. */
    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"SERVER_ERROR", "CUT", "DAMAGED_ANSWER"})
    void aSourceOfWhichNothingCanBePassedOnIsTold(Fault fault) throws InterruptedException {
        String name = "passed-" + fault + ".bin";
        CopyJob broken = job(name, PASSED_ON);
        CopyJob other = job("beside-" + name, PASSED_ON);
        beforeSource.fails("GET", "/" + name, fault, 100);

        List<CopyOutcome> outcomes = copier.copy(List.of(broken, other));

        assertThat(outcomes.get(0).toString())
                .startsWith("Failed")
                .contains(from(name).toString());
        assertThat(target.head(to(name))).isEmpty();
        assertThat(outcomes.get(1)).isEqualTo(new CopyOutcome.Copied(PASSED_ON, tag(other)));
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"FORBIDDEN", "PRECONDITION_FAILED", "SERVER_ERROR", "DAMAGED_BODY"})
    void aTargetThatTakesNoneOfThePassedBytesIsTold(Fault fault) throws InterruptedException {
        String name = "untaken-" + fault + ".bin";
        CopyJob broken = job(name, PASSED_ON);
        beforeTarget.fails("PUT", name, fault, 100);

        List<CopyOutcome> outcomes = copier.copy(List.of(broken));

        assertThat(outcomes.get(0).toString()).startsWith("Failed").contains(to(name).toString());
        assertThat(target.head(to(name))).isEmpty();
    }

    /** Each stays as it is; and what arrives damaged is visible at no time, because the store itself refuses it. */
    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"FORBIDDEN", "NOT_FOUND", "SERVER_ERROR", "CUT", "DAMAGED_ANSWER"})
    void aSourceThatStaysBrokenIsTold(Fault fault) throws InterruptedException {
        String name = "source-" + fault + ".bin";
        CopyJob broken = job(name, 20_000);
        CopyJob other = job("beside-" + name, 20_000);
        beforeSource.fails("GET", "/" + name, fault, 100);

        List<CopyOutcome> outcomes = copier.copy(List.of(broken, other));

        if (fault == Fault.NOT_FOUND) {
            assertThat(outcomes.get(0)).isEqualTo(new CopyOutcome.SourceMissing());
        } else {
            assertThat(outcomes.get(0).toString())
                    .startsWith("Failed")
                    .contains(from(name).toString());
        }
        assertThat(beforeSource.count("GET", "/" + name))
                .as("what cannot pass is not tried again")
                .isEqualTo(fault == Fault.FORBIDDEN || fault == Fault.NOT_FOUND ? 1 : 4 + secondReadings(fault));
        assertThat(target.head(to(name))).isEmpty();
        assertThat(outcomes.get(1)).isEqualTo(new CopyOutcome.Copied(20_000, tag(other)));
    }

    private static int secondReadings(Fault fault) {
        return fault == Fault.DAMAGED_ANSWER ? 4 : 0;
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"FORBIDDEN", "PRECONDITION_FAILED", "SERVER_ERROR", "DAMAGED_BODY"})
    void aTargetThatStaysBrokenIsTold(Fault fault) throws InterruptedException {
        String name = "target-" + fault + ".bin";
        CopyJob broken = job(name, 20_000);
        beforeTarget.fails("PUT", name, fault, 100);

        List<CopyOutcome> outcomes = copier.copy(List.of(broken));

        assertThat(outcomes.get(0).toString()).startsWith("Failed").contains(to(name).toString());
        assertThat(target.head(to(name))).isEmpty();
    }

    @Test
    void aLargeObjectArrivesInPartsWhateverHappensOnce() throws InterruptedException {
        CopyJob job = job("large.bin", FOUR_PARTS);
        beforeSource.fails("GET", "large.bin", Fault.CUT, 1);
        beforeSource.fails("GET", "large.bin", Fault.SERVER_ERROR, 1);
        beforeTarget.fails("PUT", "large.bin?partNumber=2", Fault.DAMAGED_BODY, 1);
        beforeTarget.fails("PUT", "large.bin?partNumber=3", Fault.ANSWER_LOST, 1);

        List<CopyOutcome> outcomes = copier.copy(List.of(job));

        assertThat(outcomes).containsExactly(new CopyOutcome.Copied(FOUR_PARTS, tag(job)));
        assertSame("large.bin");
        assertThat(target.head(to("large.bin")).orElseThrow().etag()).endsWith("-4");
        assertThat(copier.copy(List.of(job)))
                .as("known as the source's although the tags differ")
                .containsExactly(new CopyOutcome.AlreadyThere(FOUR_PARTS, tag(job)));
        assertThat(IntStream.rangeClosed(2, 4)
                        .mapToLong(part -> beforeTarget.count("PUT", "large.bin?partNumber=" + part)))
                .as("what failed was put once more")
                .containsExactly(2L, 2L, 1L);
    }

    @Test
    void partsAreAnnouncedByCrc32OnlyWhereItIsVerified() throws InterruptedException {
        assertThat(announcesByCrc32("verified.bin", Fault.SERVER_ERROR, 0)).isTrue();
        assertThat(announcesByCrc32("unknown.bin", Fault.FORBIDDEN, 1))
                .as("a store that refuses them")
                .isFalse();
        assertThat(announcesByCrc32("blind.bin", Fault.SAID_TO_BE_DONE, 2))
                .as("a store that takes wrong ones")
                .isFalse();
    }

    /** By a connection of its own, because what a store can is asked once by each. */
    private boolean announcesByCrc32(String name, Fault asked, int times) throws InterruptedException {
        CopyJob job = job(name, FOUR_PARTS);
        beforeTarget.fails("PUT", name + "?partNumber=1", asked, times);
        beforeTarget.fails("PUT", name + "?partNumber=2", Fault.DAMAGED_BODY, 1);
        try (ObjectStore store = S3ObjectStore.connect(through(beforeTarget, west), TIMEOUT);
                ObjectCopier alone = new ObjectCopier(
                        brokenSource, store, new CopyLimits(4, PART, 4, Duration.ofMillis(20), directory))) {
            assertThat(alone.copy(List.of(job))).containsExactly(new CopyOutcome.Copied(FOUR_PARTS, tag(job)));
            assertSame(name);
            PartUploads uploads = store.bulk().parts().orElseThrow();
            beforeTarget.fails("PUT", "next-" + name, asked, times);
            PartUploads.Upload next =
                    uploads.begin(to("next-" + name), source.head(from(name)).orElseThrow(), true);
            uploads.abort(next);
            return next.byCrc32();
        }
    }

    @Test
    void aLargeObjectThatWasReadWrongIsNeverVisible() throws InterruptedException {
        CopyJob job = job("misread.bin", FOUR_PARTS);
        beforeSource.fails("GET", "misread.bin", Fault.DAMAGED_ANSWER, 1);

        List<CopyOutcome> outcomes = copier.copy(List.of(job));

        assertThat(outcomes).containsExactly(new CopyOutcome.Copied(FOUR_PARTS, tag(job)));
        assertSame("misread.bin");
        assertThat(beforeTarget.count("POST", "misread.bin?uploadId"))
                .as("completed once, with the right parts")
                .isEqualTo(1);
    }

    @Test
    void anInterruptedUploadIsTakenUpByTheNextCopier() throws InterruptedException {
        CopyJob job = job("resumed.bin", FOUR_PARTS);
        beforeTarget.fails("PUT", "resumed.bin?partNumber=4", Fault.SERVER_ERROR, 1000);
        assertThat(copier.copy(List.of(job))).singleElement().isInstanceOf(CopyOutcome.Failed.class);
        assertThat(target.head(to("resumed.bin"))).isEmpty();
        beforeTarget.heal();

        List<CopyOutcome> outcomes;
        try (ObjectCopier next = copier()) {
            outcomes = next.copy(List.of(job));
        }

        assertThat(outcomes).containsExactly(new CopyOutcome.Copied(FOUR_PARTS, tag(job)));
        assertThat(beforeTarget.count("PUT", "resumed.bin")).isEqualTo(1);
        assertSame("resumed.bin");
    }

    @Test
    void anAbandonedUploadIsCollected() throws InterruptedException {
        CopyJob job = job("abandoned/large.bin", FOUR_PARTS);
        beforeTarget.fails("PUT", "abandoned/large.bin?partNumber=1", Fault.FORBIDDEN, 1000);
        assertThat(copier.copy(List.of(job))).singleElement().isInstanceOf(CopyOutcome.Failed.class);

        int aborted = copier.abortAbandoned(
                to("abandoned/"), Clock.systemUTC().instant().plus(Duration.ofMinutes(1)));

        assertThat(aborted).isEqualTo(1);
        assertThat(target.bulk().parts().orElseThrow().unfinished(to("abandoned/")))
                .isEmpty();
    }

    @Test
    void inOneStoreTheProviderCopies() throws InterruptedException {
        CopyJob original = job("provider/a.bin", FOUR_PARTS);
        CopyJob inside = new CopyJob(original.from(), from("provider/b.bin"), original.size());

        List<CopyOutcome> outcomes;
        try (ObjectCopier within = new ObjectCopier(brokenSource, brokenSource, CopyLimits.standard())) {
            outcomes = within.copy(List.of(inside));
        }

        assertThat(outcomes)
                .containsExactly(new CopyOutcome.Copied(
                        FOUR_PARTS, source.head(inside.to()).orElseThrow().etag()));
        assertThat(beforeSource.count("GET", "provider/")).isZero();
        assertThat(source.get(inside.to()).orElseThrow())
                .isEqualTo(source.get(original.from()).orElseThrow());
    }

    @Test
    void theProbeSaysWhatAStoreCan() {
        StoreProbe.Report report = StoreProbe.probe(west.site(), to("probe/"), TIMEOUT);

        assertThat(report.usable()).isTrue();
        assertThat(report.dialect().addressing()).hasValue(Addressing.path);
        assertThat(report.dialect().conditionalPut()).hasValue(true);
        assertThat(report.findings()).allMatch(StoreProbe.Finding::holds);
        assertThat(target.list(to("probe/"))).isEmpty();
    }

    /** The provider is silent for longer than any other call may be, and does what it was asked. */
    @Test
    void aCopyThatTheProviderTakesLongForIsAwaited() throws InterruptedException {
        CopyJob original = job("patience/a.bin", 32 * MIB);
        CopyJob inside = new CopyJob(original.from(), from("patience/b.bin"), original.size());
        beforeSource.fails("PUT", "patience/b.bin", Fault.LATE, 1);

        List<CopyOutcome> outcomes;
        try (ObjectStore hasty = S3ObjectStore.connect(through(beforeSource, east), HASTE);
                ObjectCopier within = new ObjectCopier(hasty, hasty, CopyLimits.standard())) {
            outcomes = within.copy(List.of(inside));
        }

        assertThat(outcomes).singleElement().isInstanceOf(CopyOutcome.Copied.class);
        assertThat(beforeSource.count("PUT", "patience/b.bin"))
                .as("asked for once")
                .isEqualTo(1);
    }
}
