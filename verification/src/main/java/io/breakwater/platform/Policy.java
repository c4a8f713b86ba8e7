package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a group may fail over. The defaults are the careful ones.
 *
 * @param mode who decides; rule 1: advisory unless said otherwise
 * @param holdTime how long a verdict of DOWN must stand before it counts
 * @param lease how long the active region may write without a renewal
 * @param leaseMargin what is waited beyond the lease before it counts as lapsed: room for clocks that drift apart
 * @param coolDown how long after an automatic failover the next one is blocked
 * @param maxLoss an automatic failover is denied if the recovery point is older than this, or unknown
 * @param twoPersons whether a failover or failback that one person asks for begins only when another approves it
 */
public record Policy(
        Mode mode,
        Duration holdTime,
        Duration lease,
        Duration leaseMargin,
        Duration coolDown,
        Duration maxLoss,
        boolean twoPersons) {

    /** What counts where the platform file says nothing. */
    public static final Policy CAREFUL = new Policy(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    /** Lower case as in the platform file. */
    public enum Mode {
        automatic,
        advisory,
        paused
    }

    @JsonCreator
    public Policy(
            Optional<Mode> mode,
            Optional<Duration> holdTime,
            Optional<Duration> lease,
            Optional<Duration> leaseMargin,
            Optional<Duration> coolDown,
            Optional<Duration> maxLoss,
            Optional<Boolean> twoPersons) {
        this(
                mode.orElse(Mode.advisory),
                holdTime.orElse(Duration.ofSeconds(3)),
                lease.orElse(Duration.ofSeconds(10)),
                leaseMargin.orElse(Duration.ofSeconds(1)),
                coolDown.orElse(Duration.ofHours(1)),
                maxLoss.orElse(Duration.ofMinutes(1)),
                twoPersons.orElse(false));
    }

    /** One person is enough. */
    public Policy(
            Mode mode, Duration holdTime, Duration lease, Duration leaseMargin, Duration coolDown, Duration maxLoss) {
        this(mode, holdTime, lease, leaseMargin, coolDown, maxLoss, false);
    }

    public Policy {
        List<String> wrong = new ArrayList<>();
        if (lease.compareTo(Duration.ofSeconds(3)) < 0) {
            wrong.add("policy.lease: " + lease + " is shorter than three renewals, one a second (3 x PT1S = PT3S), so "
                    + "that one lost renewal would stop all writes (rule 9); at least PT3S");
        }
        refuseNegative("holdTime", holdTime, wrong);
        refuseNegative("leaseMargin", leaseMargin, wrong);
        refuseNegative("coolDown", coolDown, wrong);
        refuseNegative("maxLoss", maxLoss, wrong);
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong);
        }
    }

    private static void refuseNegative(String key, Duration duration, List<String> wrong) {
        if (duration.isNegative()) {
            wrong.add("policy." + key + ": " + duration + " is negative");
        }
    }
}
