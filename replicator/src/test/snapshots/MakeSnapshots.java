import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Makes the snapshots of this folder with the Flink and the Kafka connector of its class path, in a cluster of one
 * process: BOOTSTRAP DIRECTORY VERSION make, and, to prove one, restore SNAPSHOT TOPIC.
 */
public final class MakeSnapshots {
    static final int KEYS = 10;
    static final int PER_PARTITION = 200;

    public static void main(String[] args) throws Exception {
        String bootstrap = args[0];
        Path directory = Path.of(args[1]);
        String version = args[2];
        if (args[3].equals("make")) {
            String topic = "in-" + version;
            topic(bootstrap, topic);
            topic(bootstrap, "out-" + version);
            fill(bootstrap, topic, 0, PER_PARTITION);
            take(bootstrap, directory, version, "plain", Map.of(), true);
            take(
                    bootstrap,
                    directory,
                    version,
                    "merged",
                    Map.of("execution.checkpointing.file-merging.enabled", "true"),
                    false);
            take(bootstrap, directory, version, "changelog", changelog(directory, "changelog", "1s"), false);
            take(bootstrap, directory, version, "changes", changelog(directory, "changes", "1h"), false);
            take(
                    bootstrap,
                    directory,
                    version,
                    "compressed",
                    Map.of("execution.checkpointing.snapshot-compression", "true"),
                    false);
        } else {
            restore(bootstrap, directory, version, args[4], args[5], Arrays.copyOfRange(args, 6, args.length));
        }
        System.exit(0);
    }

    /** @param materialized how often; before, all state is changes */
    static Map<String, String> changelog(Path directory, String name, String materialized) {
        String log = "file://" + directory.resolve(name + "/log");
        return Map.of(
                "state.changelog.enabled",
                "true",
                "state.backend.changelog.enabled",
                "true",
                "state.changelog.storage",
                "filesystem",
                "state.backend.changelog.storage",
                "filesystem",
                "state.changelog.dstl.dfs.base-path",
                log,
                "dstl.dfs.base-path",
                log,
                "state.changelog.periodic-materialize.interval",
                materialized,
                "state.backend.changelog.periodic-materialize.interval",
                materialized);
    }

    static void topic(String bootstrap, String name) throws Exception {
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", bootstrap))) {
            if (!admin.listTopics().names().get().contains(name)) {
                admin.createTopics(List.of(new NewTopic(name, 2, (short) 1)))
                        .all()
                        .get();
            }
        }
    }

    /** Records 'key,sequence' so that each key's sequence goes on by one. */
    static void fill(String bootstrap, String topic, int from, int to) throws Exception {
        try (KafkaProducer<String, String> producer = producer(bootstrap)) {
            for (int sequence = from; sequence < to; sequence++) {
                for (int partition = 0; partition < 2; partition++) {
                    String key = "p" + partition + "k" + sequence % KEYS;
                    producer.send(new ProducerRecord<>(topic, partition, key, key + "," + sequence / KEYS))
                            .get();
                }
            }
        }
    }

    static KafkaProducer<String, String> producer(String bootstrap) {
        Properties p = new Properties();
        p.put("bootstrap.servers", bootstrap);
        p.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        p.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        return new KafkaProducer<>(p);
    }

    static Configuration configuration(Path directory, String name) {
        Configuration c = new Configuration();
        c.setString("state.backend.type", "rocksdb");
        c.setString("execution.checkpointing.incremental", "true");
        c.setString("execution.checkpointing.interval", "700ms");
        c.setString("execution.checkpointing.storage", "filesystem");
        c.setString("execution.checkpointing.dir", "file://" + directory.resolve(name + "/checkpoints"));
        c.setString("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
        c.setString("execution.checkpointing.num-retained", "1");
        c.setString("execution.checkpointing.data-inline-threshold", "0b");
        c.setString("taskmanager.numberOfTaskSlots", "2");
        c.setString("restart-strategy.type", "none");
        return c;
    }

    static JobClient start(String bootstrap, Configuration c, String topic, String version, String prefix)
            throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2, c);
        env.setMaxParallelism(8);
        KafkaSource<String> source = KafkaSource.<String>builder()
                .setBootstrapServers(bootstrap)
                .setTopics(topic)
                .setGroupId("g-" + version)
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setValueOnlyDeserializer(new SimpleStringSchema())
                .build();
        KafkaSink<String> sink = KafkaSink.<String>builder()
                .setBootstrapServers(bootstrap)
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionalIdPrefix(prefix)
                .setProperty("transaction.timeout.ms", "60000")
                .setRecordSerializer(KafkaRecordSerializationSchema.<String>builder()
                        .setTopic("out-" + version)
                        .setValueSerializationSchema(new SimpleStringSchema())
                        .build())
                .build();
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "events")
                .uid("events")
                .keyBy(line -> line.split(",")[0])
                .process(new Sequence())
                .uid("sequence")
                .name("sequence")
                .sinkTo(sink)
                .uid("delays-sink")
                .name("delays-sink");
        return env.executeAsync("made");
    }

    static void take(
            String bootstrap, Path directory, String version, String name, Map<String, String> more, boolean savepoints)
            throws Exception {
        Configuration c = configuration(directory, name);
        more.forEach(c::setString);
        JobClient job = start(bootstrap, c, "in-" + version, version, name + "-" + version);
        Path checkpoints = directory.resolve(name + "/checkpoints");
        TimeUnit.SECONDS.sleep(5);
        await(() -> newest(checkpoints).filter(p -> number(p) >= 4).isPresent());
        if (savepoints) {
            for (SavepointFormatType format : SavepointFormatType.values()) {
                String at = job.triggerSavepoint("file://" + directory.resolve(name), format)
                        .get(60, TimeUnit.SECONDS);
                Files.move(
                        Path.of(at.replaceFirst("^file:/+", "/")),
                        directory.resolve(name).resolve(format.name().toLowerCase()));
            }
        }
        if (name.equals("compressed")) {
            String at = job.triggerSavepoint("file://" + directory.resolve(name), SavepointFormatType.NATIVE)
                    .get(60, TimeUnit.SECONDS);
            Files.move(
                    Path.of(at.replaceFirst("^file:/+", "/")),
                    directory.resolve(name).resolve("native"));
        }
        job.cancel().get(60, TimeUnit.SECONDS);
        TimeUnit.SECONDS.sleep(2);
        System.out.println(version + " " + name + " " + newest(checkpoints));
    }

    static void restore(String bootstrap, Path directory, String version, String snapshot, String topic, String... mode)
            throws Exception {
        Configuration c = configuration(directory, "restored");
        for (String prefix : List.of("execution.state-recovery.", "execution.savepoint.")) {
            c.setString(prefix + "path", snapshot);
        }
        c.setString("execution.state-recovery.claim-mode", "NO_CLAIM");
        c.setString("execution.savepoint-restore-mode", "NO_CLAIM");
        if (mode.length > 0) {
            changelog(directory, "restored", "1h").forEach(c::setString);
            c.setString("execution.state-recovery.claim-mode", mode[0]);
            c.setString("execution.savepoint-restore-mode", mode[0]);
        }
        Properties p = new Properties();
        p.put("bootstrap.servers", bootstrap);
        p.put("isolation.level", "read_committed");
        p.put("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        p.put("value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        try (KafkaConsumer<String, String> out = new KafkaConsumer<>(p)) {
            List<TopicPartition> all =
                    List.of(new TopicPartition("out-" + version, 0), new TopicPartition("out-" + version, 1));
            out.assign(all);
            out.seekToEnd(all);
            all.forEach(out::position);
            JobClient job = start(bootstrap, c, topic, version, "restored-" + System.nanoTime());
            // It fails when the job does: the cluster of a job that has failed does not answer any more.
            CompletableFuture<JobExecutionResult> end = job.getJobExecutionResult();
            int good = 0;
            int bad = 0;
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            long quiet = Long.MAX_VALUE;
            while (System.nanoTime() < Math.min(deadline, quiet) && !end.isDone()) {
                for (ConsumerRecord<String, String> record : out.poll(Duration.ofMillis(300))) {
                    if (record.value().endsWith("ok")) {
                        good++;
                    } else {
                        bad++;
                        if (bad < 4) System.out.println("BAD " + record.value());
                    }
                    quiet = System.nanoTime() + Duration.ofSeconds(4).toNanos();
                }
            }
            if (end.isDone()) {
                end.exceptionally(failure -> {
                            failure.printStackTrace(System.out);
                            return null;
                        })
                        .get();
            }
            System.out.println("RESTORED " + version + " " + snapshot + " good=" + good + " bad=" + bad + " "
                    + (end.isDone() ? "FAILED" : "RUNNING"));
            if (!end.isDone()) {
                job.cancel().get(60, TimeUnit.SECONDS);
            }
        }
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    static void await(Condition condition) throws Exception {
        for (int i = 0; i < 600; i++) {
            if (condition.holds()) return;
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new IllegalStateException("not within 60 s");
    }

    static int number(Path checkpoint) {
        return Integer.parseInt(checkpoint.getFileName().toString().substring(4));
    }

    static Optional<Path> newest(Path checkpoints) throws Exception {
        if (!Files.isDirectory(checkpoints)) return Optional.empty();
        try (Stream<Path> all = Files.walk(checkpoints, 3)) {
            return all.filter(p -> p.endsWith("_metadata"))
                    .map(Path::getParent)
                    .max(Comparator.comparingInt(MakeSnapshots::number));
        } catch (java.io.UncheckedIOException e) {
            return Optional.empty();
        }
    }

    /** Says of each record whether its sequence goes on by one. */
    static final class Sequence extends KeyedProcessFunction<String, String, String> {
        private transient ValueState<Long> last;

        @Override
        public void open(OpenContext context) {
            last = getRuntimeContext().getState(new ValueStateDescriptor<>("last-sequence", Types.LONG));
        }

        @Override
        public void processElement(String line, Context context, Collector<String> out) throws Exception {
            long sequence = Long.parseLong(line.split(",")[1]);
            Long before = last.value();
            out.collect(line + "," + before + "," + (sequence == (before == null ? 0 : before + 1) ? "ok" : "broken"));
            last.update(sequence);
        }
    }
}
