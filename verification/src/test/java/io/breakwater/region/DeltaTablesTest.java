package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.region.DeltaTables.Table;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeltaTablesTest {

    private final MemoryObjectStore store = new MemoryObjectStore();
    private final ObjectStoreSite site = new ObjectStoreSite(
            "eu", Optional.empty(), Optional.empty(), Optional.empty(), Map.of("lake", "lake-east"));

    @BeforeEach
    void tables() {
        for (String table : List.of("gold/flights", "gold/eu/delays", "silver/flights", "gold/flights/day=1/inner")) {
            store.put(ObjectUri.parse("s3://lake-east/" + table + "/_delta_log/0.json"), new byte[0]);
        }
        store.put(ObjectUri.parse("s3://lake-east/gold/files/x.parquet"), new byte[0]);
        store.put(ObjectUri.parse("s3://lake-east/_breakwater/delta/t/_delta_log/0"), new byte[0]);
    }

    @Test
    void aNamedTableIsNotLookedFor() {
        assertThat(find(Map.of("name", "t", "path", "s3://{lake}/nowhere")))
                .containsExactly(new Table("t", "s3://{lake}/nowhere"));
    }

    @Test
    void allBelowAPlaceAreFoundButNotInsideOfTables() {
        assertThat(find(Map.of("prefix", "s3://{lake}/gold/")))
                .containsExactlyInAnyOrder(
                        new Table("gold/flights", "s3://{lake}/gold/flights"),
                        new Table("gold/eu/delays", "s3://{lake}/gold/eu/delays"));
        assertThat(find(Map.of("prefix", "s3://{lake}"))).hasSize(3);
        assertThat(find(Map.of("prefix", "s3://{lake}/none"))).isEmpty();
    }

    @Test
    void aPatternMatchesFoldersNames() {
        assertThat(find(Map.of("path", "s3://{lake}/*/fl*s")))
                .extracting(Table::name)
                .containsExactly("gold/flights", "silver/flights");
        assertThat(find(Map.of("path", "s3://{lake}/gold/*")))
                .extracting(Table::name)
                .containsExactly("gold/flights");
    }

    @Test
    void whatIsNotPlainIsRefused() {
        assertThatThrownBy(() -> find(Map.of("name", "x", "prefix", "s3://{lake}/gold")))
                .isInstanceOf(InvalidPlatformException.class);
        assertThatThrownBy(() -> find(Map.of("path", "s3://{la*}/gold"))).isInstanceOf(InvalidPlatformException.class);
    }

    @Test
    void aNameHasThePathUnderWhichItsTableIsFound() {
        for (Map<String, Object> settings : List.<Map<String, Object>>of(
                Map.of("prefix", "s3://{lake}/gold/"),
                Map.of("prefix", "s3://{lake}"),
                Map.of("path", "s3://{lake}/*/fl*s"),
                Map.of("name", "t", "path", "s3://{lake}/nowhere"))) {
            assertThat(find(settings))
                    .isNotEmpty()
                    .allSatisfy(table -> assertThat(DeltaTables.path(spec(settings), table.name()))
                            .contains(table.path()));
        }
        assertThat(DeltaTables.path(spec(Map.of("name", "t", "path", "s3://{lake}/nowhere")), "nowhere"))
                .isEmpty();
        assertThat(DeltaTables.path(spec(Map.of("prefix", "s3://{lake}/gold")), "golden/t"))
                .isEmpty();
        assertThat(DeltaTables.path(spec(Map.of("path", "s3://{lake}/gold/*")), "gold/eu/delays"))
                .isEmpty();
    }

    private List<Table> find(Map<String, Object> settings) {
        return DeltaTables.of(spec(settings), site, store);
    }

    private static AssetSpec spec(Map<String, Object> settings) {
        Map<String, Object> yaml = new TreeMap<>(settings);
        yaml.put("kind", "delta-table");
        return AssetSpec.of(yaml);
    }
}
