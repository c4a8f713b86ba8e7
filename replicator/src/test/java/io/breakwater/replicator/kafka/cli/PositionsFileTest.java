package io.breakwater.replicator.kafka.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PositionsFileTest {

    private static final OffsetVector ORDERS =
            new OffsetVector(Map.of(new PartitionKey("orders", 0), 17L, new PartitionKey("orders", 1), 0L));

    @TempDir
    private Path directory;

    @Test
    void readsLines() throws IOException {
        Path file = file("# kept by the billing job\n\norders 0 17\n  orders\t1  0\nbilling orders 0 4\n");

        assertThat(PositionsFile.read(file))
                .containsOnly(
                        Map.entry(PositionsFile.NO_GROUP, ORDERS),
                        Map.entry("billing", new OffsetVector(Map.of(new PartitionKey("orders", 0), 4L))));
    }

    @Test
    void readsAnArrayOfObjects() throws IOException {
        Path file = file("[{\"topic\":\"orders\",\"partition\":0,\"offset\":17},"
                + "{\"topic\":\"orders\",\"partition\":1,\"offset\":0}]");

        assertThat(PositionsFile.read(file)).containsOnly(Map.entry(PositionsFile.NO_GROUP, ORDERS));
    }

    @Test
    void readsWhatTheCommandPrints() throws IOException {
        Path file = file("{\"sourceClusterId\":\"AAAAAAAAAAEAAAAAAAAAAQ\",\"positions\":["
                + "{\"group\":\"billing\",\"topic\":\"orders\",\"partition\":0,\"offset\":17,\"how\":\"exact\","
                + "\"targetOffset\":12},{\"group\":\"billing\",\"topic\":\"orders\",\"partition\":1,\"offset\":0,"
                + "\"how\":\"untranslatable\"}],\"applied\":[]}");

        assertThat(PositionsFile.read(file)).containsOnly(Map.entry("billing", ORDERS));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            orders 0                                           | line 1: expected '[group] topic partition offset'
            orders zero 1                                      | line 1: partition 'zero' is no whole number
            orders 0 -1                                        | line 1: a topic has a name; partition and offset are not
            a b orders 0 1                                     | line 1: expected '[group] topic partition offset'
            {"positions":3}                                    | /positions: expected an array
            [{"topic":"a","partition":0}]                      | /0: expected topic (text), partition and offset
            {"positions":[{"topic":"a","partition":0,"offset":1.5}]} | /positions/0: expected topic
            [{"topic":                                         | not JSON
            # nothing                                          | it has no positions
            """)
    void namesThePlaceThatIsWrong(String text, String message) throws IOException {
        Path file = file(text + "\n");

        assertThatThrownBy(() -> PositionsFile.read(file))
                .isInstanceOf(NotDoneException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message);
    }

    @Test
    void aPositionThatIsThereTwiceHasToBeTheSame() throws IOException {
        Path file = file("orders 0 17\norders 0 18\n");

        assertThatThrownBy(() -> PositionsFile.read(file))
                .hasMessage(file + ", line 2: a second position on orders-0: 17 and 18");
        assertThat(PositionsFile.read(file("orders 0 17\norders 0 17\n"))).hasSize(1);
    }

    @Test
    void aFileThatIsNotThereIsSaid() {
        Path none = directory.resolve("none");

        assertThatThrownBy(() -> PositionsFile.read(none))
                .hasMessage("--positions " + none + ": no such readable file of UTF-8 text");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("positions"), text);
    }
}
