package io.breakwater.local.job;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ParameterTool;

/**
 * Entry class of job {@code delay-by-airport}. Arguments: {@code --bootstrap HOST:PORT}, {@code --client-config FILE}
 * (Kafka client properties, read where the job is submitted), {@code --transactional-id-prefix PREFIX}; if they are
 * others, {@code --input TOPIC}, {@code --output TOPIC}, and {@code --delivery at-least-once} for a sink without
 * transactions. Checkpoints, state backend and restarts are the cluster's settings, unless {@code --set-KEY VALUE} gives
 * the job one of its own; every operator has a uid.
 */
public final class DelayByAirportJob {

    static final String NAME = "delay-by-airport";
    static final String INPUT = "flights.events";
    static final String OUTPUT = "flights.delays";

    static final String EXACTLY_ONCE = "exactly-once";
    private static final String SETTING = "set-";
    static final String TRANSACTION_TIMEOUT_MS = "120000";

    private DelayByAirportJob() {}

    public static void main(String[] args) throws Exception {
        ParameterTool arguments = ParameterTool.fromArgs(args);
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(own(arguments));
        define(environment, arguments);
        environment.execute(NAME);
    }

    private static void define(StreamExecutionEnvironment environment, ParameterTool arguments) throws IOException {
        String bootstrap = arguments.getRequired("bootstrap");
        Properties client = client(Path.of(arguments.getRequired("client-config")));
        environment
                .fromSource(
                        source(bootstrap, client, arguments.get("input", INPUT)),
                        WatermarkStrategy.noWatermarks(),
                        "flights")
                .uid("flights")
                .keyBy(Flight::airport)
                .process(new DelayByAirport())
                .uid("delays")
                .name("delays")
                .sinkTo(sink(bootstrap, client, arguments))
                .uid("delays-sink")
                .name("delays-sink");
    }

    /** Flink settings that the job has for itself. */
    static Configuration own(ParameterTool arguments) {
        Configuration own = new Configuration();
        arguments.toMap().forEach((name, value) -> {
            if (name.startsWith(SETTING)) {
                own.setString(name.substring(SETTING.length()), value);
            }
        });
        return own;
    }

    private static KafkaSource<Flight> source(String bootstrap, Properties client, String input) {
        return KafkaSource.<Flight>builder()
                .setProperties(client)
                .setBootstrapServers(bootstrap)
                .setTopics(input)
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setValueOnlyDeserializer(new FlightReader())
                // On a standby the records come in the mirror's transactions.
                .setProperty("isolation.level", "read_committed")
                .setProperty("client.id.prefix", NAME)
                .build();
    }

    private static KafkaSink<AirportDelays> sink(String bootstrap, Properties client, ParameterTool arguments) {
        DeliveryGuarantee delivery = arguments.get("delivery", EXACTLY_ONCE).equals(EXACTLY_ONCE)
                ? DeliveryGuarantee.EXACTLY_ONCE
                : DeliveryGuarantee.AT_LEAST_ONCE;
        return KafkaSink.<AirportDelays>builder()
                .setKafkaProducerConfig(client)
                .setBootstrapServers(bootstrap)
                .setDeliveryGuarantee(delivery)
                .setTransactionalIdPrefix(arguments.getRequired("transactional-id-prefix"))
                .setProperty("transaction.timeout.ms", TRANSACTION_TIMEOUT_MS)
                .setRecordSerializer(new DelaysWriter(arguments.get("output", OUTPUT)))
                .build();
    }

    static Properties client(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(in);
        }
        return properties;
    }
}
