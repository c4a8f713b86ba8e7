package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ObjectListingTest {

    private static final ObjectUri PREFIX = ObjectUri.parse("s3://raw/landing/");

    private final MemoryObjectStore store = new MemoryObjectStore();

    private List<String> keys(String startAfter) {
        ObjectListing listing = new ObjectListing(store, PREFIX, startAfter);
        List<String> keys = new ArrayList<>();
        while (listing.peek().isPresent()) {
            keys.add(listing.peek().orElseThrow().uri().key());
            listing.advance();
        }
        return keys;
    }

    private void put(String key) {
        store.put(new ObjectUri("raw", key), new byte[0]);
    }

    @Test
    void allPagesAreReadAndNothingBesideThePrefix() {
        List<String> below = IntStream.range(0, 2 * ObjectStore.MOST_IN_PAGE + 7)
                .mapToObj(i -> "landing/%05d".formatted(i))
                .toList();
        Stream.concat(below.stream(), Stream.of("land", "landing", "other")).forEach(this::put);

        assertThat(keys("")).isEqualTo(below);
        assertThat(keys("landing/01999")).isEqualTo(below.subList(2_000, below.size()));
        assertThat(keys("landing/99999")).isEmpty();
    }

    @Test
    void theOrderIsThatOfTheBytes() {
        List<String> keys =
                List.of("", "a", "a/", "a/b", "aa", "z", "é", "\uE000", "\uFFFD", "\uD83D\uDE00", "\uD83D\uDE01");

        for (String one : keys) {
            for (String other : keys) {
                assertThat(Integer.signum(ObjectListing.compare(one, other)))
                        .as("%s and %s", one, other)
                        .isEqualTo(Integer.signum(Arrays.compareUnsigned(
                                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8))));
            }
        }
    }

    @Test
    void aStoreThatListsInAnotherOrderIsRefused() {
        // It sorts by the halves of characters.
        put("landing/\uD83D\uDE00");
        put("landing/\uFFFD");

        assertThatThrownBy(() -> keys(""))
                .isInstanceOf(ObjectStoreException.class)
                .hasMessageContaining("comes after")
                .hasMessageContaining("s3://raw/landing/");
    }
}
