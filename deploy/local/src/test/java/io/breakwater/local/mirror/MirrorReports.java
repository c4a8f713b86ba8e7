package io.breakwater.local.mirror;

import static org.awaitility.Awaitility.await;

import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.Alarm;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.MirrorHealth;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.ReplicaPosition;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a flow says of itself, as its receipts on the standby have it. */
record MirrorReports(KafkaServer standby) {

    private static final Duration SOON = Duration.ofMinutes(2);

    Alarm awaitAlarm(String group, String kind, String subject) {
        return await("alarm " + kind + " of " + subject)
                .atMost(SOON)
                .ignoreExceptions()
                .until(
                        () -> alarms(group).stream()
                                .filter(alarm -> alarm.kind().equals(kind)
                                        && alarm.subject().equals(subject))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    List<Alarm> alarms(String group) {
        return newest().stream()
                .filter(receipt -> receipt.group().equals(group))
                .flatMap(receipt -> receipt.health().stream())
                .flatMap(health -> health.alarms().stream())
                .toList();
    }

    Optional<Long> lag(String topic) {
        return newest().stream()
                .flatMap(receipt -> receipt.health().stream())
                .flatMap(health -> Optional.ofNullable(health.lag().get(new PartitionKey(topic, 0))).stream())
                .map(MirrorHealth.Lag::records)
                .findFirst();
    }

    /** The newest position that was announced of each consumer group. */
    Map<String, ReplicaPosition> positions() {
        return newest().stream()
                .filter(receipt -> receipt.asset().kind().equals(AssetSpec.CONSUMER_GROUP))
                .collect(Collectors.toMap(receipt -> receipt.asset().name(), Receipt::position));
    }

    /** The newest of each reporter. */
    private Collection<Receipt> newest() {
        Map<String, Receipt> newest = new TreeMap<>();
        LinearScan.of(standby.client(Principal.ADMIN), List.of(Receipt.TOPIC)).records().values().stream()
                .flatMap(List::stream)
                .map(record -> Receipt.fromJson(record.value()))
                .forEach(receipt -> newest.put(receipt.key(), receipt));
        return newest.values();
    }
}
