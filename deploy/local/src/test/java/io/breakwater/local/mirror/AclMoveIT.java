package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.controller.core.Operation;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.Principal;
import io.breakwater.region.FenceLabel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two regions whose clusters take no plugin: one is lost, a person answers for it, it comes back open and is closed, and
 * the group goes home. Real controller, mirrors and brokers.
 */
@Tag("full")
class AclMoveIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration SOON = Duration.ofMinutes(2);

    @TempDir
    private Path directory;

    @Test
    void aRegionIsLostOnAPersonsWordAndTheGroupComesHome() throws Exception {
        try (TwoRegions regions = TwoRegions.closedByAcls(directory)) {
            regions.start(PROGRESS);
            awaitClosed(regions, "west");
            Set<String> first = Legs.traffic(regions, "east", "west", "first", () -> regions.kill("east"));

            String failover = Moves.begin(regions, "failover");
            awaitAsksForAPerson(regions, failover);
            assertThat(regions.controller()
                            .approve(failover, Operation.CLOSES)
                            .path("id")
                            .asText())
                    .isEqualTo(failover);
            Moves.awaitEnd(regions, "failover", failover);

            assertThat(takes(regions, "west")).as("west serves").isTrue();
            regions.restart("east", PROGRESS);
            awaitClosed(regions, "east");
            Map<String, String> lost = Legs.ledger(regions, 2);
            Moves.awaitFlow(regions);
            Set<String> second = Legs.traffic(regions, "west", "east", "second", () -> Moves.move(regions, "failback"));
            awaitClosed(regions, "west");

            assertThat(takes(regions, "east")).as("east serves again").isTrue();
            assertThat(Legs.ledger(regions, 3)).as("what a failback has lost").isEmpty();
            assertThat(fence(regions, "east"))
                    .as("what is left of the fence of east")
                    .isEmpty();
            Set<String> missing = new TreeSet<>(first);
            missing.addAll(second);
            missing.removeAll(Legs.onlyOnce(regions, "east").keySet());
            missing.removeAll(lost.keySet());
            assertThat(missing)
                    .as("acknowledged, and neither on east nor in the ledger")
                    .isEmpty();
        }
    }

    /** Nobody can close a region that is dead: the status says so, and how a person may answer for it. */
    private static void awaitAsksForAPerson(TwoRegions regions, String operation) {
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> regions.controller()
                        .status()
                        .at("/fences/east/trouble")
                        .asText()
                        .contains("breakwater approve " + operation + " --step " + Operation.CLOSES));
    }

    private static void awaitClosed(TwoRegions regions, String region) throws Exception {
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(() -> regions.controller()
                        .status()
                        .path("fences")
                        .path(region)
                        .path("confirmed")
                        .asBoolean());
        assertThat(takes(regions, region)).as(region + " takes a record").isFalse();
        PROGRESS.line(region + " is closed");
    }

    /** Whether an ordinary producer is let through. */
    private static boolean takes(TwoRegions regions, String region) throws Exception {
        Map<String, Object> settings = regions.kafka(region).client(Principal.APP);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(MirrorPair.EVENTS, "asked " + region + " at " + System.nanoTime()))
                    .get();
            return true;
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(AuthorizationException.class);
            return false;
        }
    }

    private static Set<AclBinding> fence(TwoRegions regions, String region) throws Exception {
        try (Admin admin = Admin.create(regions.kafka(region).client(Principal.ADMIN))) {
            Set<AclBinding> all = new HashSet<>(
                    admin.describeAcls(AclBindingFilter.ANY).values().get());
            all.removeIf(acl -> !FenceLabel.isLabel(acl));
            return all;
        }
    }
}
