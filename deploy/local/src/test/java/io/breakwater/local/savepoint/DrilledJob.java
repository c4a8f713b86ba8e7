package io.breakwater.local.savepoint;

import io.breakwater.local.server.Principal;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** What there is in west that a drill could change or leave behind. */
record DrilledJob(Set<String> topics, Set<String> groups, Map<TopicPartition, Long> ends, Set<String> objects) {

    /** Settings of the job that let it be drilled; the arguments are production's with other names. */
    static Map<String, Object> settings(TwoClusters clusters) {
        String args = clusters.arguments().replace("flights-{region}-{epoch}", "{drill}") + " --output {drill}."
                + TwoClusters.OUTPUT;
        return Map.of("drill", Map.of("args", args, "topics", TwoClusters.OUTPUT));
    }

    static DrilledJob world(TwoClusters clusters, ObjectStore west) throws Exception {
        try (Admin admin = Admin.create(clusters.west().client(Principal.ADMIN))) {
            Map<TopicPartition, OffsetSpec> latest = TwoClusters.partitions().stream()
                    .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
            Map<TopicPartition, Long> ends = new TreeMap<>(Comparator.comparing(TopicPartition::toString));
            admin.listOffsets(latest).all().get().forEach((partition, end) -> ends.put(partition, end.offset()));
            return new DrilledJob(
                    new TreeSet<>(admin.listTopics().names().get()),
                    admin.listGroups().all().get().stream()
                            .map(GroupListing::groupId)
                            .collect(Collectors.toCollection(TreeSet::new)),
                    ends,
                    List.of("flink-west", "flink-east").stream()
                            .flatMap(bucket -> west.list(ObjectUri.parse("s3://" + bucket + "/")).stream())
                            .map(info -> info.uri().toString())
                            // Production goes on meanwhile.
                            .filter(name -> !name.contains("flink-east/checkpoints/") || name.contains("/d4111000"))
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
    }
}
