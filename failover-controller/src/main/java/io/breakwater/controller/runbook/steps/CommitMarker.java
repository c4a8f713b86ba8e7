package io.breakwater.controller.runbook.steps;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.ManualMetadataUpdater;
import org.apache.kafka.clients.MetadataRecoveryStrategy;
import org.apache.kafka.clients.NetworkClient;
import org.apache.kafka.clients.NetworkClientUtils;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarker;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarkerTopic;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerPartitionResult;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.Selectable;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest;
import org.apache.kafka.common.requests.WriteTxnMarkersResponse;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;

/**
 * Writes the marker that commits a transaction in one partition, exactly as its coordinator should have. Kafka's admin
 * client can only abort; this sends the coordinators' own request, {@code WriteTxnMarkers}, to the partition's leader.
 * The only class that uses internals of Kafka's client. Needs the operation CLUSTER_ACTION.
 */
final class CommitMarker {

    private static final String NAME = "breakwater-commit-marker";
    private static final int ANSWER_MILLIS = 10_000;
    private static final long IDLE_MILLIS = 60_000;
    private static final long BACKOFF_MILLIS = 50;

    private CommitMarker() {}

    /**
     * @param settings of a client of the cluster
     * @param leader of the partition
     * @param producerEpoch as the coordinator recorded it with the commit
     * @throws org.apache.kafka.common.KafkaException if the leader does not answer or refuses
     */
    static void write(Map<String, Object> settings, Node leader, HangingTransaction transaction, int producerEpoch) {
        Time time = Time.SYSTEM;
        LogContext context = new LogContext("[" + NAME + "] ");
        AdminClientConfig config = new AdminClientConfig(settings);
        try (Metrics metrics = new Metrics();
                Selector selector = new Selector(
                        IDLE_MILLIS,
                        metrics,
                        time,
                        NAME,
                        ClientUtils.createChannelBuilder(config, time, context),
                        context);
                NetworkClient client = client(selector, leader, time, context)) {
            if (!NetworkClientUtils.awaitReady(client, leader, time, ANSWER_MILLIS)) {
                throw new TimeoutException("commit of " + transaction + ": no connection to " + leader);
            }
            WriteTxnMarkersResponse answer = (WriteTxnMarkersResponse) NetworkClientUtils.sendAndReceive(
                            client,
                            client.newClientRequest(
                                    leader.idString(), request(transaction, producerEpoch), time.milliseconds(), true),
                            time)
                    .responseBody();
            answer.data().markers().stream()
                    .flatMap(marker -> marker.topics().stream())
                    .flatMap(topic -> topic.partitions().stream())
                    .map(WritableTxnMarkerPartitionResult::errorCode)
                    .map(Errors::forCode)
                    .forEach(Errors::maybeThrow);
        } catch (IOException e) {
            throw new DisconnectException("commit of " + transaction + " on " + leader, e);
        }
    }

    private static WriteTxnMarkersRequest.Builder request(HangingTransaction transaction, int producerEpoch) {
        WritableTxnMarkerTopic topic = new WritableTxnMarkerTopic()
                .setName(transaction.partition().topic())
                .setPartitionIndexes(List.of(transaction.partition().partition()));
        return new WriteTxnMarkersRequest.Builder(new WriteTxnMarkersRequestData()
                .setMarkers(List.of(new WritableTxnMarker()
                        .setProducerId(transaction.producerId())
                        .setProducerEpoch((short) producerEpoch)
                        .setCoordinatorEpoch(transaction.coordinatorEpoch())
                        .setTransactionResult(true)
                        .setTopics(List.of(topic)))));
    }

    private static NetworkClient client(Selector selector, Node leader, Time time, LogContext context) {
        return new NetworkClient(
                selector,
                new ManualMetadataUpdater(List.of(leader)),
                NAME,
                1,
                BACKOFF_MILLIS,
                BACKOFF_MILLIS,
                Selectable.USE_DEFAULT_BUFFER_SIZE,
                Selectable.USE_DEFAULT_BUFFER_SIZE,
                ANSWER_MILLIS,
                CommonClientConfigs.DEFAULT_SOCKET_CONNECTION_SETUP_TIMEOUT_MS,
                CommonClientConfigs.DEFAULT_SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS,
                time,
                true,
                new ApiVersions(),
                context,
                MetadataRecoveryStrategy.NONE);
    }
}
