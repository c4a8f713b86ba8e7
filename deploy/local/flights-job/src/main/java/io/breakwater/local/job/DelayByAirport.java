package io.breakwater.local.job;

import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Folds each airport's events into its state and emits that every {@link #EVERY} of processing time, also when nothing
 * came: so every key of a restored job is soon heard of. The timers are part of the state.
 */
public final class DelayByAirport extends KeyedProcessFunction<String, Flight, AirportDelays> {

    static final Duration EVERY = Duration.ofSeconds(2);

    private static final long serialVersionUID = 1L;

    private transient @Nullable ValueState<AirportDelays> delays;

    @Override
    public void open(OpenContext context) {
        delays = getRuntimeContext().getState(new ValueStateDescriptor<>("delays", AirportDelays.class));
    }

    @Override
    public void processElement(Flight flight, Context context, Collector<AirportDelays> out) throws Exception {
        AirportDelays before = state().value();
        if (before == null) {
            before = AirportDelays.none(flight.airport());
            emitLater(context);
        }
        state().update(before.with(flight));
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<AirportDelays> out) throws Exception {
        out.collect(state().value());
        emitLater(context);
    }

    private static void emitLater(Context context) {
        long now = context.timerService().currentProcessingTime();
        context.timerService().registerProcessingTimeTimer(now + EVERY.toMillis());
    }

    private ValueState<AirportDelays> state() {
        if (delays == null) {
            throw new IllegalStateException("delay-by-airport: used before it was opened");
        }
        return delays;
    }
}
