package io.breakwater.local.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.junit.jupiter.api.Test;

class AirportDelaysTest {

    private static final AirportDelays NONE = AirportDelays.none("SFO");

    @Test
    void appliesEventsInSequence() {
        AirportDelays delays = NONE.with(flight(10, 1)).with(flight(12, 2));

        assertThat(delays).isEqualTo(new AirportDelays("SFO", 2, 10, 22, 6, 2, 12, 0, 0));
    }

    @Test
    void countsAnEventThatComesAgainAndAppliesItOnce() {
        AirportDelays delays = NONE.with(flight(10, 1)).with(flight(12, 2)).with(flight(10, 1));

        assertThat(delays).isEqualTo(new AirportDelays("SFO", 2, 10, 22, 6, 2, 12, 1, 0));
    }

    @Test
    void countsSequenceNumbersJumpedOver() {
        AirportDelays delays = NONE.with(flight(10, 1)).with(flight(14, 5));

        assertThat(delays.missing()).isEqualTo(3);
        assertThat(delays.events()).isEqualTo(2);
    }

    /** Else Flink would fall back to Kryo, whose state no later version could read. */
    @Test
    void flinkKnowsTheTypesOfStateAndStream() {
        assertThat(TypeInformation.of(AirportDelays.class)).isInstanceOf(PojoTypeInfo.class);
        assertThat(TypeInformation.of(Flight.class)).isInstanceOf(PojoTypeInfo.class);
    }

    private static Flight flight(long id, long sequence) {
        return new Flight("SFO", id, sequence, 5);
    }
}
