package io.breakwater.local;

import io.breakwater.local.server.BreakwaterServer;
import io.breakwater.local.server.FlinkServers;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.S3Server;
import io.breakwater.local.server.Server;
import java.util.List;

/** The servers of one region. */
public record LocalRegion(
        String name,
        KafkaServer kafka,
        S3Server s3,
        FlinkServers flink,
        BreakwaterServer replicator,
        BreakwaterServer controller) {

    /** In the order in which they start. */
    public List<Server> servers() {
        return List.of(s3, kafka, flink, controller, replicator);
    }
}
