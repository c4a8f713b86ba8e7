package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One site: how its Kafka cluster, Connect cluster, object store and Flink cluster are reached.
 *
 * @param signals what is watched in it; {@link RegionSignals#USUAL} if absent
 */
public record Region(
        KafkaCluster kafka,
        ConnectCluster connect,
        ObjectStoreSite objectStore,
        FlinkCluster flink,
        Optional<RegionSignals> signals) {

    public Region(KafkaCluster kafka, ConnectCluster connect, ObjectStoreSite objectStore, FlinkCluster flink) {
        this(kafka, connect, objectStore, flink, Optional.empty());
    }

    /** What is watched, with what counts by default. */
    public RegionSignals watched() {
        return signals.orElse(RegionSignals.USUAL);
    }

    /**
     * @param client Kafka client settings of Breakwater itself, with {@link Secret} references
     * @param mirror Kafka client settings of the flow that writes into this cluster; no superuser
     * @param mirrorPrincipal the principal of {@code mirror}, as {@code User:name}: what a promotion denies
     * @param worker Kafka client settings of the Connect worker itself, for its internal topics; as {@code client} if
     *     absent
     * @param canary Kafka client settings of the canary that the controller nodes write and read; as {@code client} if
     *     absent
     * @param fence what makes the cluster refuse writes; {@link FenceSpec.BrokerPlugin} if absent
     */
    public record KafkaCluster(
            String bootstrap,

            @JsonSetter(nulls = Nulls.AS_EMPTY, contentNulls = Nulls.FAIL)
            Map<String, String> client,

            @JsonSetter(nulls = Nulls.AS_EMPTY, contentNulls = Nulls.FAIL)
            Map<String, String> mirror,

            String mirrorPrincipal,
            Optional<Map<String, String>> worker,
            Optional<Map<String, String>> canary,
            Optional<FenceSpec> fence) {
        public KafkaCluster {
            client = Map.copyOf(client);
            mirror = Map.copyOf(mirror);
            worker = worker.map(Map::copyOf);
            canary = canary.map(Map::copyOf);
            if (fence.orElse(PLUGIN) instanceof FenceSpec.Acls acls
                    && acls.probePrincipal().equals(mirrorPrincipal)) {
                throw new InvalidPlatformException(List.of("kafka.fence.probePrincipal: " + mirrorPrincipal
                        + " is the mirror's, which goes on writing while the region is closed; name another one"));
            }
        }

        private static final FenceSpec PLUGIN = new FenceSpec.BrokerPlugin();

        /** What makes the cluster refuse writes, with what counts by default. */
        public FenceSpec fencedBy() {
            return fence.orElse(PLUGIN);
        }

        /** Whether only ACLs close it: then somebody has to reach it. */
        public boolean isFencedByAcls() {
            return fencedBy() instanceof FenceSpec.Acls;
        }

        public KafkaCluster(
                String bootstrap, Map<String, String> client, Map<String, String> mirror, String mirrorPrincipal) {
            this(bootstrap, client, mirror, mirrorPrincipal, Optional.empty(), Optional.empty(), Optional.empty());
        }
    }

    /** @param workers how many there are meant to be; not watched if absent */
    public record ConnectCluster(URI url, Optional<Integer> workers) {

        /** Where the workers of a region keep what their tasks have done. */
        public static final String OFFSETS_TOPIC = "_connect-offsets";

        private static final String GROUP_PREFIX = "connect-";

        public ConnectCluster {
            workers.filter(count -> count < 1).ifPresent(count -> {
                throw new InvalidPlatformException(List.of("connect.workers: " + count + "; one at least is needed"));
            });
        }

        public ConnectCluster(URI url) {
            this(url, Optional.empty());
        }

        /** Connect's {@code group.id} of the workers in a region; their transactional ids begin with it too. */
        public static String workerGroup(String region) {
            return GROUP_PREFIX + region;
        }
    }

    /**
     * @param region the signing region
     * @param endpoint for stores other than AWS; then addressed by path
     * @param accessKey a {@link Secret} reference; without it, the AWS default chain
     * @param buckets by role: what {@code {role}} in an asset's path stands for in this region
     * @param dialect in what the store differs from others; {@link S3Dialect#USUAL} if absent
     */
    public record ObjectStoreSite(
            String region,
            Optional<URI> endpoint,
            Optional<String> accessKey,
            Optional<String> secretKey,

            @JsonSetter(nulls = Nulls.AS_EMPTY, contentNulls = Nulls.FAIL)
            Map<String, String> buckets,

            Optional<S3Dialect> dialect) {
        public ObjectStoreSite {
            buckets = Map.copyOf(buckets);
        }

        public ObjectStoreSite(
                String region,
                Optional<URI> endpoint,
                Optional<String> accessKey,
                Optional<String> secretKey,
                Map<String, String> buckets) {
            this(region, endpoint, accessKey, secretKey, buckets, Optional.empty());
        }

        /**
         * Puts this region's buckets into a path such as {@code s3://{lake}/flights}.
         *
         * @throws InvalidPlatformException if the path names a bucket role that this region does not have
         */
        public String locate(String path) {
            String located = path;
            for (Map.Entry<String, String> bucket : buckets.entrySet()) {
                located = located.replace("{" + bucket.getKey() + "}", bucket.getValue());
            }
            if (located.contains("{")) {
                throw new InvalidPlatformException(
                        List.of("path " + path + ": unknown bucket role; there are " + buckets.keySet()));
            }
            return located;
        }
    }

    public record FlinkCluster(URI url) {}
}
