package io.breakwater.local.job;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ParameterTool;

/**
 * Entry class of job {@code delay-by-airport}. Arguments: {@code --bootstrap HOST:PORT}, {@code --client-config FILE}
 * (Kafka client properties, read where the job is submitted), {@code --transactional-id-prefix PREFIX}. Checkpoints,
 * state backend and restarts are the cluster's settings; every operator has a uid.
 */
public final class DelayByAirportJob {

    static final String NAME = "delay-by-airport";
    static final String INPUT = "flights.events";
    static final String OUTPUT = "flights.delays";

    private static final String TRANSACTION_TIMEOUT_MS = "120000";

    private DelayByAirportJob() {}

    public static void main(String[] args) throws Exception {
        ParameterTool arguments = ParameterTool.fromArgs(args);
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
        define(environment, arguments);
        environment.execute(NAME);
    }

    private static void define(StreamExecutionEnvironment environment, ParameterTool arguments) throws IOException {
        String bootstrap = arguments.getRequired("bootstrap");
        Properties client = client(Path.of(arguments.getRequired("client-config")));
        environment
                .fromSource(source(bootstrap, client), WatermarkStrategy.noWatermarks(), "flights")
                .uid("flights")
                .keyBy(Flight::airport)
                .process(new DelayByAirport())
                .uid("delays")
                .name("delays")
                .sinkTo(sink(bootstrap, client, arguments.getRequired("transactional-id-prefix")))
                .uid("delays-sink")
                .name("delays-sink");
    }

    private static KafkaSource<Flight> source(String bootstrap, Properties client) {
        return KafkaSource.<Flight>builder()
                .setProperties(client)
                .setBootstrapServers(bootstrap)
                .setTopics(INPUT)
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setValueOnlyDeserializer(new FlightReader())
                // On a standby the records come in the mirror's transactions.
                .setProperty("isolation.level", "read_committed")
                .setProperty("client.id.prefix", NAME)
                .build();
    }

    private static KafkaSink<AirportDelays> sink(String bootstrap, Properties client, String prefix) {
        return KafkaSink.<AirportDelays>builder()
                .setKafkaProducerConfig(client)
                .setBootstrapServers(bootstrap)
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionalIdPrefix(prefix)
                .setProperty("transaction.timeout.ms", TRANSACTION_TIMEOUT_MS)
                .setRecordSerializer(new DelaysWriter(OUTPUT))
                .build();
    }

    private static Properties client(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(in);
        }
        return properties;
    }
}
