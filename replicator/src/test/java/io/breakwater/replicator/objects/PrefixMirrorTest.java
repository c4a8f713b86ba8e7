package io.breakwater.replicator.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.Alarm;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.FaultyStore;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.objects.PrefixAsset.Changed;
import io.breakwater.replicator.objects.PrefixAsset.Keys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrefixMirrorTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final FaultyStore east = new FaultyStore();
    private final FaultyStore west = new FaultyStore();
    private final Hand clock = new Hand();
    private ObjectCopier copier;

    @TempDir
    private Path folder;

    /** A clock that is set. */
    private static final class Hand extends Clock {
        private Instant now = START;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("instants have no zone");
        }
    }

    @BeforeEach
    void open() {
        copier =
                ObjectCopier.amongOtherWriters(east, west, new CopyLimits(2, 1 << 20, 1, Duration.ofMillis(1), folder));
    }

    @AfterEach
    void end() {
        copier.close();
    }

    private PrefixMirror mirror(Changed changed, Keys keys) {
        PrefixEnds ends = new PrefixEnds(
                east,
                ObjectUri.parse("s3://raw-east/landing/"),
                west,
                ObjectUri.parse("s3://raw-west/landing/"),
                copier);
        return new PrefixMirror(
                new PrefixAsset(
                        "landing", "s3://{raw}/landing/", Duration.ofSeconds(1), changed, keys, Duration.ofHours(1)),
                ends,
                clock);
    }

    private static PrefixMirror.Ended pass(PrefixMirror mirror) throws InterruptedException {
        Optional<PrefixMirror.Ended> ended = mirror.step();
        while (ended.isEmpty()) {
            ended = mirror.step();
        }
        return ended.get();
    }

    private static ReplicaPosition position(PrefixMirror mirror) throws InterruptedException {
        return pass(mirror).position().orElseThrow();
    }

    private void source(String key, String content) {
        east.put(new ObjectUri("raw-east", key), content.getBytes(StandardCharsets.UTF_8));
    }

    private void standby(String key, String content) {
        west.put(new ObjectUri("raw-west", key), content.getBytes(StandardCharsets.UTF_8));
    }

    private Optional<String> onStandby(String key) {
        return west.get(new ObjectUri("raw-west", key)).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    @Test
    void whatIsNewIsCopiedAndWhatIsElsewhereIsNot() throws InterruptedException {
        PrefixMirror mirror = mirror(Changed.REFUSE, Keys.ANY);
        source("landing/a", "one");
        source("landing/deep/b", "two");
        source("elsewhere", "no");
        standby("landing/own", "of another writer");

        ReplicaPosition first = position(mirror);
        clock.now = START.plusSeconds(5);
        source("landing/aa", "three");
        ReplicaPosition second = position(mirror);

        assertThat(first.sourceTime()).isEqualTo(START);
        assertThat(first.location()).contains("s3://raw-west/landing/");
        assertThat(first.carried().orElseThrow().files()).isEqualTo(2);
        assertThat(second.sourceTime()).isEqualTo(START.plusSeconds(5));
        assertThat(second.carried().orElseThrow().bytes()).isEqualTo(11);
        assertThat(onStandby("landing/aa")).contains("three");
        assertThat(onStandby("elsewhere")).isEmpty();
        assertThat(onStandby("landing/own")).contains("of another writer");
    }

    @Test
    void anObjectThatWasWrittenAgainIsRefusedAndTheOthersGoOn() throws InterruptedException {
        PrefixMirror mirror = mirror(Changed.REFUSE, Keys.ANY);
        source("landing/a", "old");
        position(mirror);
        source("landing/a", "newer");
        source("landing/b", "another");

        PrefixMirror.Ended ended = pass(mirror);

        assertThat(ended.position()).as("the replica lacks what the source has").isEmpty();
        assertThat(onStandby("landing/a")).contains("old");
        assertThat(onStandby("landing/b")).contains("another");
        assertThat(mirror.alarms())
                .singleElement()
                .satisfies(alarm -> assertThat(alarm)
                        .returns("objects-changed", Alarm::kind)
                        .returns("s3-prefix/landing", Alarm::subject)
                        .returns(true, Alarm::blocking)
                        .extracting(Alarm::message)
                        .asString()
                        .contains("s3://raw-east/landing/a has 5 bytes, tag ", "on the standby 3 bytes, tag "));

        west.delete(new ObjectUri("raw-west", "landing/a"));
        assertThat(position(mirror).carried().orElseThrow().bytes()).isEqualTo(12);
        assertThat(mirror.alarms()).isEmpty();
    }

    @Test
    void byPolicyTheStandbyKeepsWhatArrivedFirst() throws InterruptedException {
        PrefixMirror mirror = mirror(Changed.KEEP, Keys.ANY);
        source("landing/a", "old");
        position(mirror);
        source("landing/a", "new");

        ReplicaPosition position = position(mirror);

        assertThat(onStandby("landing/a")).contains("old");
        assertThat(position.notice().orElseThrow())
                .contains("1 objects were written again", "landing/a", "no fencePrincipals");
        assertThat(position.carried().orElseThrow().files()).isZero();
        assertThat(mirror.alarms()).isEmpty();
    }

    @Test
    void whatTheSourceHasDeletedStays() throws InterruptedException {
        PrefixMirror mirror = mirror(Changed.REFUSE, Keys.ANY);
        source("landing/a", "one");
        position(mirror);
        east.delete(new ObjectUri("raw-east", "landing/a"));

        assertThat(position(mirror).carried().orElseThrow().files()).isZero();
        assertThat(onStandby("landing/a")).contains("one");
    }

    @Test
    void aStoreThatDoesNotAnswerInTheMiddleCostsNothingThatWasDone() throws InterruptedException {
        PrefixMirror mirror = mirror(Changed.REFUSE, Keys.ANY);
        for (int i = 0; i < 2_500; i++) {
            source("landing/%05d".formatted(i), "content");
        }
        assertThat(mirror.step()).as("there are more").isEmpty();
        east.dead(true);
        assertThatThrownBy(mirror::step).isInstanceOf(ObjectStoreException.class);
        assertThat(onStandby("landing/00999")).isPresent();
        east.dead(false);
        clock.now = START.plusSeconds(60);
        source("landing/00000-later", "content");

        ReplicaPosition position = position(mirror);

        assertThat(position.sourceTime()).as("what came since may be missing").isEqualTo(START);
        assertThat(position.carried().orElseThrow().files()).isEqualTo(2_500);
        assertThat(position(mirror).carried().orElseThrow().files()).isEqualTo(2_501);
    }

    @Test
    void anObjectThatCannotBeCopiedIsToldAndTheOthersGoOn() throws InterruptedException {
        PrefixMirror mirror = mirror(Changed.REFUSE, Keys.ANY);
        source("landing/a", "one");
        east.fails(FaultyStore.Fault.UNREACHABLE);

        PrefixMirror.Ended ended = pass(mirror);

        assertThat(ended.position()).isEmpty();
        assertThat(ended.failed().orElseThrow()).contains("1 objects are not copied", "landing/a");
        assertThat(position(mirror).carried().orElseThrow().files()).isEqualTo(1);
    }

    @Test
    void whereKeysAscendAPassBeginsBehindTheLastFullOne() throws InterruptedException {
        PrefixMirror mirror = mirror(Changed.REFUSE, Keys.ASCENDING);
        source("landing/2026-01-01", "one");
        source("landing/2026-01-02", "two");
        ReplicaPosition first = position(mirror);
        source("landing/2026-01-01b", "out of order");
        source("landing/2026-01-03", "three");
        clock.now = START.plusSeconds(10);

        ReplicaPosition second = position(mirror);
        assertThat(onStandby("landing/2026-01-03")).contains("three");
        assertThat(onStandby("landing/2026-01-01b")).as("not looked at").isEmpty();
        assertThat(second.carried().orElseThrow().files())
                .as("added to the first")
                .isEqualTo(3);
        assertThat(second.carried().orElseThrow().digest())
                .isNotEqualTo(first.carried().orElseThrow().digest());

        clock.now = START.plus(Duration.ofHours(2));
        assertThat(position(mirror).carried().orElseThrow().files()).isEqualTo(4);
        assertThat(mirror.alarms())
                .singleElement()
                .satisfies(alarm -> assertThat(alarm)
                        .returns("objects-out-of-order", Alarm::kind)
                        .returns(false, Alarm::blocking)
                        .extracting(Alarm::message)
                        .asString()
                        .contains("2026-01-01b"));
        assertThat(onStandby("landing/2026-01-01b")).contains("out of order");
    }

    @Test
    void afterAMoveTheNewRegionsObjectsFlowBackAndWhatBothWroteIsNamed() throws InterruptedException {
        PrefixMirror there = mirror(Changed.REFUSE, Keys.ANY);
        source("landing/a", "one");
        position(there);
        source("landing/lost", "never carried");
        source("landing/both", "by the old region");
        standby("landing/both", "by the new region");
        standby("landing/b", "two");
        try (ObjectCopier reverse = ObjectCopier.amongOtherWriters(
                west, east, new CopyLimits(1, 1 << 20, 1, Duration.ofMillis(1), folder))) {
            PrefixEnds back = new PrefixEnds(
                    west,
                    ObjectUri.parse("s3://raw-west/landing/"),
                    east,
                    ObjectUri.parse("s3://raw-east/landing/"),
                    reverse);
            PrefixMirror mirror = new PrefixMirror(there.asset(), back, clock);

            assertThat(pass(mirror).position()).isEmpty();

            assertThat(east.get(new ObjectUri("raw-east", "landing/b"))).isPresent();
            assertThat(east.get(new ObjectUri("raw-east", "landing/lost"))).isPresent();
            assertThat(mirror.alarms())
                    .singleElement()
                    .satisfies(alarm -> assertThat(alarm.message()).contains("1 objects", "landing/both"));
        }
    }

    @Test
    void theLogOfATableIsNotCarriedAsObjects() throws InterruptedException {
        PrefixMirror mirror = mirror(Changed.REFUSE, Keys.ANY);
        source("landing/t/_delta_log/00000000000000000000.json", "{}");
        source("landing/t/file", "one");

        assertThat(pass(mirror).position()).isEmpty();
        assertThat(onStandby("landing/t/file")).isPresent();
        assertThat(onStandby("landing/t/_delta_log/00000000000000000000.json")).isEmpty();
        assertThat(mirror.alarms()).singleElement().returns("objects-refused", Alarm::kind);
    }
}
