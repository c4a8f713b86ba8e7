package io.breakwater.local;

import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerFailedException;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Platform;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.platform.Receipt;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** What a platform team has set up before Breakwater comes: topics, and the job's jar in each region. */
final class PlatformSetUp {

    static final String EVENTS = "flights.events";
    static final String DELAYS = "flights.delays";

    private static final int PARTITIONS = 4;
    private static final short ONE_REPLICA = 1;
    private static final Duration STORE_TIMEOUT = Duration.ofSeconds(30);

    private final ProjectLayout layout;
    private final Platform platform;
    private final SortedMap<String, LocalRegion> regions;

    PlatformSetUp(ProjectLayout layout, Platform platform, SortedMap<String, LocalRegion> regions) {
        this.layout = layout;
        this.platform = platform;
        this.regions = regions;
    }

    void run(Progress progress) throws InterruptedException {
        Path jar = layout.flightsJob();
        for (LocalRegion region : regions.values()) {
            createTopics(region);
            uploadJars(region.name(), jar);
        }
        progress.line("topics created, " + jar.getFileName() + " uploaded to both regions");
    }

    private void createTopics(LocalRegion region) throws InterruptedException {
        List<NewTopic> topics = new ArrayList<>();
        topics.add(new NewTopic(Receipt.TOPIC, 1, ONE_REPLICA)
                .configs(Map.of("retention.ms", Long.toString(Duration.ofDays(1).toMillis()))));
        boolean home = platform.groups().values().stream()
                .anyMatch(group -> group.home().equals(region.name()));
        if (home) { // elsewhere the mirror creates them
            topics.add(new NewTopic(EVENTS, PARTITIONS, ONE_REPLICA));
            topics.add(new NewTopic(DELAYS, PARTITIONS, ONE_REPLICA));
        }
        try (Admin admin = Admin.create(region.kafka().client(Principal.ADMIN))) {
            admin.createTopics(topics).all().get();
        } catch (ExecutionException e) {
            throw new ServerFailedException(
                    region.kafka().name() + ": creating the topics failed: " + e.getMessage(), e);
        }
    }

    private void uploadJars(String region, Path jar) {
        try (S3ObjectStore store = S3ObjectStore.connect(platform.region(region).objectStore(), STORE_TIMEOUT)) {
            for (ProtectionGroup group : platform.groups().values()) {
                for (AssetSpec job : group.assets(AssetSpec.FLINK_JOB)) {
                    String location = platform.region(region).objectStore().locate(job.required("jar"));
                    store.put(ObjectUri.parse(location), jar);
                }
            }
        }
    }
}
