import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** BOOTSTRAP VERSION: fills east.in-VERSION with junk, then what in-VERSION has, then 200 more records a partition. */
public final class Standby {
    public static void main(String[] args) throws Exception {
        String topic = "east.in-" + args[1];
        MakeSnapshots.topic(args[0], topic);
        try (KafkaProducer<String, String> producer = MakeSnapshots.producer(args[0])) {
            for (int partition = 0; partition < 2; partition++) {
                for (int i = 0; i < 37 + 11 * partition; i++) {
                    producer.send(new ProducerRecord<>(topic, partition, "junk", "junk,-5"))
                            .get();
                }
            }
        }
        MakeSnapshots.fill(args[0], topic, 0, 2 * MakeSnapshots.PER_PARTITION);
    }
}
