package io.breakwater.region.fork;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.platform.Sha256;
import io.breakwater.region.DirectoryStore;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.fork.ObjectLedger.Entry;
import io.breakwater.region.fork.ObjectLedger.There;
import io.breakwater.region.ledger.LedgerFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DivergedObjectsTest {

    private static final ObjectUri LEFT = new ObjectUri("east", "landing/");
    private static final ObjectUri PROMOTED = new ObjectUri("west", "in/landing/");
    private static final Epoch EPOCH = new Epoch(3);

    @TempDir
    private Path folder;

    private ObjectStore left;
    private ObjectStore promoted;

    @BeforeEach
    void open() {
        left = new DirectoryStore(folder.resolve("left"), LEFT.bucket());
        promoted = new DirectoryStore(folder.resolve("promoted"), PROMOTED.bucket());
    }

    private void atLeft(String name, String content) {
        left.put(LEFT.resolve(name), content.getBytes(StandardCharsets.UTF_8));
    }

    private void atPromoted(String name, String content) {
        promoted.put(PROMOTED.resolve(name), content.getBytes(StandardCharsets.UTF_8));
    }

    private DivergedObjects diverged(Optional<Instant> recoveredTo) {
        return new DivergedObjects(
                new DivergedObjects.Side(left, LEFT), new DivergedObjects.Side(promoted, PROMOTED), recoveredTo, EPOCH);
    }

    private static List<Entry> all(DivergedObjects diverged) throws IOException {
        List<Entry> all = new ArrayList<>();
        for (Optional<Entry> next = diverged.next(); next.isPresent(); next = diverged.next()) {
            all.add(next.get());
        }
        return all;
    }

    @Test
    void whatThePromotedRegionLacksIsListedAndStays() throws IOException {
        atLeft("a", "mirrored");
        atLeft("b/late", "never mirrored");
        atLeft("c", "mirrored too");
        atPromoted("a", "mirrored");
        atPromoted("b/anew", "of the promoted region");
        atPromoted("c", "mirrored too");

        List<Entry> lost = all(diverged(Optional.empty()));

        assertThat(lost).singleElement().satisfies(entry -> {
            assertThat(entry.object()).isEqualTo(LEFT.resolve("b/late"));
            assertThat(entry.size()).isEqualTo(14);
            assertThat(entry.there()).isEqualTo(There.NOTHING);
            assertThat(entry.kept()).isEmpty();
            assertThat(entry.beforeRecoveryPoint()).isFalse();
        });
        assertThat(left.list(new ObjectUri(LEFT.bucket(), ""))).hasSize(3);
    }

    @Test
    void whatBothHaveDifferentlyIsCopiedAside() throws IOException {
        atLeft("same-size", "east");
        atLeft("other-size", "eastern");
        atPromoted("same-size", "west");
        atPromoted("other-size", "west");

        List<Entry> lost = all(diverged(Optional.empty()));

        assertThat(lost).extracting(Entry::there).containsOnly(There.ANOTHER).hasSize(2);
        assertThat(lost)
                .allSatisfy(entry -> assertThat(left.get(entry.kept().orElseThrow()))
                        .hasValue(left.get(entry.object()).orElseThrow()));
        assertThat(promoted.get(PROMOTED.resolve("same-size"))).hasValue("west".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void anObjectThatIsWrittenAgainIsKeptBesideTheFirst() throws IOException {
        atLeft("a", "first");
        atPromoted("a", "west");
        Entry first = all(diverged(Optional.empty())).get(0);
        atLeft("a", "again");

        Entry second = all(diverged(Optional.empty())).get(0);

        assertThat(left.get(first.kept().orElseThrow())).hasValue("first".getBytes(StandardCharsets.UTF_8));
        assertThat(left.get(second.kept().orElseThrow())).hasValue("again".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatIsOlderThanTheRecoveryPointSaysSo() throws IOException {
        atLeft("removed-there-since", "x");

        assertThat(all(diverged(Optional.of(Instant.now().plus(Duration.ofDays(1))))))
                .extracting(Entry::beforeRecoveryPoint)
                .containsExactly(true);
        assertThat(all(diverged(Optional.of(Instant.EPOCH))))
                .extracting(Entry::beforeRecoveryPoint)
                .containsExactly(false);
    }

    @Test
    void theLedgerNamesEachObjectAndItsFilesDigest() throws IOException {
        atLeft("a", "1");
        atLeft("b", "22");
        Path ledgers = folder.resolve("ledger");

        ObjectLedger.Prefix prefix =
                ObjectLedger.write(LedgerFolder.of(ledgers), "landing", LEFT, diverged(Optional.of(Instant.EPOCH)));
        ObjectLedger ledger =
                new ObjectLedger(ObjectLedger.FORMAT_VERSION, "flights", EPOCH, Instant.EPOCH, "east", List.of(prefix));
        String sha256 = ledger.write(LedgerFolder.of(ledgers));

        byte[] manifest = Files.readAllBytes(ledgers.resolve(ObjectLedger.NAME));
        assertThat(Sha256.of(manifest)).isEqualTo(sha256);
        assertThat(ObjectLedger.parse(manifest)).isEqualTo(ledger);
        assertThat(prefix.objects()).isEqualTo(2);
        assertThat(prefix.bytes()).isEqualTo(3);
        assertThat(Sha256.of(Files.readAllBytes(ledgers.resolve(prefix.file()))))
                .isEqualTo(prefix.sha256());
        List<Entry> entries = new ArrayList<>();
        for (String line : Files.readAllLines(ledgers.resolve(prefix.file()))) {
            entries.add(Json.MAPPER.readValue(line, Entry.class));
        }
        assertThat(entries).extracting(Entry::object).containsExactly(LEFT.resolve("a"), LEFT.resolve("b"));
    }
}
