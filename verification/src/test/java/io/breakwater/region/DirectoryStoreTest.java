package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.region.BulkTransfer.PutTerms;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStore.PutOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryStoreTest {

    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
    private static final String MD5_OF_HELLO = "5d41402abc4b2a76b9719d911017c592";

    @TempDir
    private Path folder;

    private DirectoryStore store() {
        return new DirectoryStore(folder.resolve("not/there/yet"), "files");
    }

    @Test
    void whatIsPutIsReadBack() throws IOException {
        DirectoryStore store = store();

        assertThat(store.put(at("t/a b/c.bin"), HELLO)).isEqualTo(MD5_OF_HELLO);

        assertThat(store.get(at("t/a b/c.bin"))).hasValue(HELLO);
        assertThat(store.get(at("t/a b/c.bin"), 1, 3)).hasValue("ell".getBytes(StandardCharsets.UTF_8));
        assertThat(store.get(at("t/a b/c.bin"), 4, 9)).hasValue("o".getBytes(StandardCharsets.UTF_8));
        assertThat(store.get(at("t/a b/c.bin"), 5, 9)).hasValue(new byte[0]);
        assertThat(store.head(at("t/a b/c.bin"))).get().satisfies(info -> {
            assertThat(info.size()).isEqualTo(5);
            assertThat(info.etag()).isEqualTo(MD5_OF_HELLO);
        });
        try (ObjectStream stream = store.open(at("t/a b/c.bin")).orElseThrow()) {
            assertThat(stream.readAllBytes()).isEqualTo(HELLO);
        }
        assertThat(unfinished()).isEmpty();
    }

    @Test
    void whatIsNotThereIsAbsent() {
        DirectoryStore store = store();
        assertThat(store.list(at(""))).isEmpty();
        store.put(at("t/file"), HELLO);

        assertThat(store.get(at("t/other"))).isEmpty();
        assertThat(store.head(at("t"))).as("a folder is no object").isEmpty();
        assertThat(store.get(at("t/file/below"))).isEmpty();
        assertThat(store.open(at("none/at/all"))).isEmpty();
        store.delete(at("none/at/all"));
    }

    @Test
    void listsInTheOrderOfKeysWhatBeginsWithAPrefix() {
        DirectoryStore store = store();
        for (String key : List.of("t/b/1", "t/b-2", "t/a", "t2/x", "t/b/sub/3", "u")) {
            store.put(at(key), HELLO);
        }

        assertThat(keys(store.list(at("t/")))).containsExactly("t/a", "t/b-2", "t/b/1", "t/b/sub/3");
        assertThat(keys(store.list(at("t/b")))).containsExactly("t/b-2", "t/b/1", "t/b/sub/3");
        assertThat(keys(store.list(at("t/b/"), "t/b/1"))).containsExactly("t/b/sub/3");
        assertThat(keys(store.list(at("")))).containsExactly("t/a", "t/b-2", "t/b/1", "t/b/sub/3", "t2/x", "u");
        assertThat(store.folders(at("t"))).containsExactly("b");
    }

    @Test
    void ofManyAtOnceExactlyOneCreates() throws Exception {
        DirectoryStore store = store();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 20; round++) {
                ObjectUri contested = at("t/_delta_log/" + round + ".json");
                List<Callable<PutOutcome>> calls = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    byte[] own = ("writer " + i).getBytes(StandardCharsets.UTF_8);
                    calls.add(() -> store.putIfAbsent(contested, own));
                }
                int winner = -1;
                List<Future<PutOutcome>> outcomes = threads.invokeAll(calls);
                for (int i = 0; i < outcomes.size(); i++) {
                    if (outcomes.get(i).get() == PutOutcome.CREATED) {
                        assertThat(winner).isEqualTo(-1);
                        winner = i;
                    }
                }
                assertThat(store.get(contested)).hasValue(("writer " + winner).getBytes(StandardCharsets.UTF_8));
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(unfinished()).isEmpty();
    }

    @Test
    void theCopiersPutRefusesOtherBytesThanAnnounced() {
        DirectoryStore store = store();
        BulkTransfer bulk = store.bulk();

        assertThatThrownBy(() ->
                        bulk.put(at("x"), ByteBuffer.wrap(HELLO), new PutTerms(true, Optional.of("0".repeat(32)))))
                .isInstanceOf(ObjectStoreException.class)
                .hasMessageContaining(MD5_OF_HELLO);
        assertThat(bulk.put(at("x"), ByteBuffer.wrap(HELLO), new PutTerms(true, Optional.of(MD5_OF_HELLO))))
                .hasValue(MD5_OF_HELLO);
        assertThat(bulk.put(at("x"), ByteBuffer.wrap(new byte[1]), new PutTerms(true, Optional.empty())))
                .isEmpty();
        assertThat(store.get(at("x"))).hasValue(HELLO);
    }

    @Test
    void aPartOfAFileThatHasChangedIsRefused() throws IOException {
        DirectoryStore store = store();
        store.put(at("x"), HELLO);
        ObjectInfo before = store.head(at("x")).orElseThrow();
        try (ObjectStream part = store.bulk().open(before, 1, 2)) {
            assertThat(part.readAllBytes()).isEqualTo("el".getBytes(StandardCharsets.UTF_8));
        }

        store.put(at("x"), new byte[6]);

        assertThatThrownBy(() -> store.bulk().open(before, 1, 2)).hasMessageContaining("it has changed");
    }

    @Test
    void deletingTheLastFileTakesItsFoldersAway() {
        DirectoryStore store = store();
        store.put(at("t/day=1/a"), HELLO);
        store.put(at("t/b"), HELLO);

        store.delete(at("t/day=1/a"));

        assertThat(store.folder().resolve("t/day=1")).doesNotExist();
        assertThat(store.folder().resolve("t/b")).exists();
    }

    /** What a killed process leaves is in nobody's way, and goes after a day. */
    @Test
    void leftOversAreNoObjectsAndGo() throws IOException {
        Path unfinished = store().unfinished();
        Path old = Files.write(unfinished.resolve("old"), HELLO);
        Path young = Files.write(unfinished.resolve("young"), HELLO);
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
        DirectoryStore next = store();

        next.put(at("x"), HELLO);

        assertThat(keys(next.list(at("")))).containsExactly("x");
        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "t/../../x", "t//x", "/x", "t/./x", "t/", ".breakwater-unfinished/x", "t/\0"})
    void aKeyThatIsNoPlaceBelowTheFolderIsRefused(String key) {
        assertThatThrownBy(() -> store().put(at(key), HELLO))
                .isInstanceOfSatisfying(
                        ObjectStoreException.class,
                        refused -> assertThat(refused.mayPass()).isFalse());
        assertThat(folder.resolve("not")).doesNotExist();
    }

    @Test
    void anotherBucketIsRefused() {
        assertThatThrownBy(() -> store().get(new ObjectUri("lake", "x"))).hasMessageContaining("is not in 'files'");
    }

    private List<Path> unfinished() throws IOException {
        try (Stream<Path> files = Files.list(store().folder().resolve(DirectoryStore.UNFINISHED))) {
            return files.toList();
        }
    }

    private static List<String> keys(List<ObjectInfo> infos) {
        return infos.stream().map(info -> info.uri().key()).toList();
    }

    private static ObjectUri at(String key) {
        return new ObjectUri("files", key);
    }
}
