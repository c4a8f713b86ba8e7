package io.breakwater.local.job;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Properties;
import java.util.SplittableRandom;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.ParameterTool;
import org.jspecify.annotations.Nullable;

/**
 * Entry class of job {@code large-state}: each event is a key, each key has state of {@code --bytes} that cannot be
 * compressed, and each event replaces its key's. What it writes for an event is {@code KEY COUNT INTACT}: how often the
 * key has come, and whether its state was what the last time had put. So nothing it writes depends on when it runs. With
 * {@code --name} it is another job; {@code --delivery exactly-once} gives its sink transactions. The other arguments are
 * those of {@link DelayByAirportJob}.
 */
public final class LargeStateJob {

    static final String NAME = "large-state";

    private LargeStateJob() {}

    public static void main(String[] args) throws Exception {
        ParameterTool arguments = ParameterTool.fromArgs(args);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(DelayByAirportJob.own(arguments));
        String bootstrap = arguments.getRequired("bootstrap");
        Properties client = DelayByAirportJob.client(Path.of(arguments.getRequired("client-config")));
        KafkaSource<String> source = KafkaSource.<String>builder()
                .setProperties(client)
                .setBootstrapServers(bootstrap)
                .setTopics(arguments.get("input", DelayByAirportJob.INPUT))
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setValueOnlyDeserializer(new SimpleStringSchema())
                .setProperty("isolation.level", "read_committed")
                .build();
        KafkaSinkBuilder<String> sink = KafkaSink.<String>builder()
                .setKafkaProducerConfig(client)
                .setBootstrapServers(bootstrap)
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setRecordSerializer(KafkaRecordSerializationSchema.builder()
                        .setTopic(arguments.get("output", DelayByAirportJob.OUTPUT))
                        .setValueSerializationSchema(new SimpleStringSchema())
                        .build());
        if (arguments.get("delivery", "").equals(DelayByAirportJob.EXACTLY_ONCE)) {
            sink.setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                    .setTransactionalIdPrefix(arguments.getRequired("transactional-id-prefix"))
                    .setProperty("transaction.timeout.ms", DelayByAirportJob.TRANSACTION_TIMEOUT_MS);
        }
        environment
                .fromSource(source, WatermarkStrategy.noWatermarks(), "keys")
                .uid("keys")
                .keyBy(key -> key)
                .process(new Replacement(arguments.getInt("bytes")))
                .uid("large")
                .name("large")
                .sinkTo(sink.build())
                .uid("counts")
                .name("counts");
        environment.execute(arguments.get("name", NAME));
    }

    /** Keeps bytes that follow from the key and how often it has come. */
    private static final class Replacement extends KeyedProcessFunction<String, String, String> {

        private static final long serialVersionUID = 1L;

        private final int bytes;
        private transient @Nullable ValueState<byte[]> state;

        Replacement(int bytes) {
            this.bytes = bytes;
        }

        @Override
        public void open(OpenContext context) {
            state = getRuntimeContext().getState(new ValueStateDescriptor<>("large", byte[].class));
        }

        @Override
        public void processElement(String key, Context context, Collector<String> out) throws Exception {
            if (state == null) {
                throw new IllegalStateException("large-state: used before it was opened");
            }
            byte[] before = state.value();
            long count = before == null ? 0 : ByteBuffer.wrap(before).getLong();
            boolean intact = before == null || Arrays.equals(before, content(key, count));
            state.update(content(key, count + 1));
            out.collect(key + " " + (count + 1) + " " + intact);
        }

        private byte[] content(String key, long count) {
            byte[] content = new byte[bytes];
            new SplittableRandom(key.hashCode() * 31L + count).nextBytes(content);
            ByteBuffer.wrap(content).putLong(count);
            return content;
        }
    }
}
