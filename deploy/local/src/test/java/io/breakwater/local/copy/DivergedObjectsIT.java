package io.breakwater.local.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.platform.Sha256;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.region.fork.DivergedObjects;
import io.breakwater.region.fork.ObjectLedger;
import io.breakwater.region.fork.ObjectLedger.Entry;
import io.breakwater.region.fork.ObjectLedger.There;
import io.breakwater.region.ledger.LedgerFolder;
import io.breakwater.replicator.copy.CopyJob;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.CopyOutcome;
import io.breakwater.replicator.copy.ObjectCopier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a prefix's old region holds alone, between two real S3 servers: copied in parts, differently, or not at all. */
class DivergedObjectsIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Progress PROGRESS = Progress.to(System.out);
    private static final int LARGE = 12 << 20;
    private static final ObjectUri LEFT = new ObjectUri("raw-east", "landing/");
    private static final ObjectUri PROMOTED = new ObjectUri("raw-west", "landing/");

    @TempDir
    private Path directory;

    @Test
    void whatTheOldRegionHoldsAloneIsListedAndKept() throws Exception {
        ProjectLayout layout = ProjectLayout.find();
        try (S3Server east = S3Server.in(layout, "s3-east", directory.resolve("east"), Map.of("raw", LEFT.bucket()));
                S3Server west =
                        S3Server.in(layout, "s3-west", directory.resolve("west"), Map.of("raw", PROMOTED.bucket()))) {
            east.start(PROGRESS);
            west.start(PROGRESS);
            try (ObjectStore left = S3ObjectStore.connect(east.site(), TIMEOUT);
                    ObjectStore promoted = S3ObjectStore.connect(west.site(), TIMEOUT)) {
                mirrorLargeAndSmall(left, promoted);
                left.put(LEFT.resolve("late.bin"), bytes("never mirrored"));
                left.put(LEFT.resolve("both.bin"), bytes("of the old region"));
                promoted.put(PROMOTED.resolve("both.bin"), bytes("of the new one"));
                promoted.put(PROMOTED.resolve("new.bin"), bytes("of the new one"));
                LedgerFolder folder = LedgerFolder.of(promoted, new ObjectUri(PROMOTED.bucket(), "ledger/flights/2"));

                ObjectLedger.Prefix prefix = ObjectLedger.write(
                        folder,
                        "landing",
                        LEFT,
                        new DivergedObjects(
                                new DivergedObjects.Side(left, LEFT),
                                new DivergedObjects.Side(promoted, PROMOTED),
                                Optional.of(Instant.EPOCH),
                                new Epoch(2)));

                assertThat(prefix.objects()).isEqualTo(2);
                List<Entry> entries = entries(promoted, prefix);
                assertThat(entries)
                        .extracting(Entry::object)
                        .containsExactly(LEFT.resolve("both.bin"), LEFT.resolve("late.bin"));
                assertThat(entries).extracting(Entry::there).containsExactly(There.ANOTHER, There.NOTHING);
                assertThat(left.get(entries.get(0).kept().orElseThrow())).hasValue(bytes("of the old region"));
                assertThat(left.list(LEFT)).as("all of it is still there").hasSize(4);
            }
        }
    }

    /** The copy of the large one has another tag, because it came in parts. */
    private void mirrorLargeAndSmall(ObjectStore left, ObjectStore promoted) throws InterruptedException {
        byte[] large = new byte[LARGE];
        new Random(LARGE).nextBytes(large);
        left.put(LEFT.resolve("large.bin"), large);
        left.put(LEFT.resolve("small.bin"), bytes("mirrored"));
        CopyLimits limits = new CopyLimits(2, 5 << 20, 2, Duration.ofMillis(100), directory);
        try (ObjectCopier copier = new ObjectCopier(left, promoted, limits)) {
            assertThat(copier.copy(List.of(job("large.bin"), job("small.bin"))))
                    .extracting(outcome -> ((CopyOutcome.Copied) outcome).size())
                    .containsExactly((long) LARGE, 8L);
        }
        assertThat(promoted.head(PROMOTED.resolve("large.bin")).orElseThrow().etag())
                .isNotEqualTo(left.head(LEFT.resolve("large.bin")).orElseThrow().etag());
    }

    private static CopyJob job(String name) {
        return new CopyJob(LEFT.resolve(name), PROMOTED.resolve(name), OptionalLong.empty());
    }

    private static List<Entry> entries(ObjectStore store, ObjectLedger.Prefix prefix) throws Exception {
        byte[] file = store.get(new ObjectUri(PROMOTED.bucket(), "ledger/flights/2/" + prefix.file()))
                .orElseThrow();
        assertThat(Sha256.of(file)).isEqualTo(prefix.sha256());
        List<Entry> entries = new ArrayList<>();
        for (String line : new String(file, StandardCharsets.UTF_8).lines().toList()) {
            entries.add(Json.MAPPER.readValue(line, Entry.class));
        }
        return entries;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
