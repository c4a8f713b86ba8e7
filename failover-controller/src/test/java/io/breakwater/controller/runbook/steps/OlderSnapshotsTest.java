package io.breakwater.controller.runbook.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.ReplicaPosition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OlderSnapshotsTest {

    private static final Instant NEWEST = Instant.parse("2026-11-23T02:00:00Z");

    @Test
    void twoOlderOnesAreTriedIfNothingIsSaid() {
        OlderSnapshots policy = policy(Map.of());

        assertThat(policy).isEqualTo(new OlderSnapshots(2, Optional.empty(), Duration.ofMinutes(2)));
        OlderSnapshots.Choice choice =
                policy.among(minutesOld(0), List.of(minutesOld(1), minutesOld(2), minutesOld(3)));
        assertThat(choice.allowed()).containsExactly(minutesOld(1), minutesOld(2));
        assertThat(choice.forbidden())
                .hasValueSatisfying(
                        why -> assertThat(why).startsWith("1 older snapshots are not tried: restore.older is 2"));
    }

    @Test
    void noneIsTriedIfThatIsSaid() {
        OlderSnapshots.Choice choice = policy(Map.of("older", 0)).among(minutesOld(0), List.of(minutesOld(1)));

        assertThat(choice.allowed()).isEmpty();
        assertThat(choice.forbidden()).hasValueSatisfying(why -> assertThat(why).contains("restore.older is 0"));
    }

    @Test
    void ageIsCountedFromTheNewest() {
        OlderSnapshots.Choice choice = policy(Map.of("older", 9, "maxAge", "PT2M"))
                .among(minutesOld(0), List.of(minutesOld(1), minutesOld(2), minutesOld(3)));

        assertThat(choice.allowed()).containsExactly(minutesOld(1), minutesOld(2));
        assertThat(choice.forbidden()).hasValueSatisfying(why -> assertThat(why).contains("restore.maxAge is PT2M"));
    }

    @Test
    void allThatAreAllowedLeaveNothingToSay() {
        assertThat(policy(Map.of()).among(minutesOld(0), List.of(minutesOld(1))).forbidden())
                .isEmpty();
    }

    @Test
    void aWrongSettingNamesTheJobAndWhatIsRight() {
        assertThatThrownBy(() -> policy(Map.of("older", -1)))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("flink-job delays: restore.older is from 0 to 64");
        assertThatThrownBy(() -> policy(Map.of("maxAge", "10 minutes")))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("PT10M");
    }

    private static OlderSnapshots policy(Map<String, Object> restore) {
        return OlderSnapshots.of(
                "delays", AssetSpec.of(Map.of("kind", "flink-job", "name", "delays", "restore", restore)));
    }

    private static ReplicaPosition minutesOld(int minutes) {
        return ReplicaPosition.ofWriter(
                NEWEST.minus(Duration.ofMinutes(minutes)), OffsetVector.EMPTY, "s" + minutes, "s3://b/s" + minutes);
    }
}
