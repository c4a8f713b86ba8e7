package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProvenanceStampTest {

    private static final Path PAGE = Path.of(Objects.requireNonNull(System.getProperty("breakwater.root")))
            .resolve("replicator/docs/stamp.md");
    private static final ProvenanceStamp STAMP = new ProvenanceStamp(new Uuid(1, 2), new Uuid(3, -4), 5, 6L << 40);

    @Test
    void isReadAsItWasWritten() {
        assertThat(ProvenanceStamp.fromBytes(STAMP.toBytes())).isEqualTo(STAMP);
    }

    @Test
    void theExampleOfItsPageIsAStamp() throws IOException {
        String page = Files.readString(PAGE);
        byte[] bytes = HexFormat.of().parseHex(found(page, "```hex\n([^`]+)```").replaceAll("\\s", ""));

        ProvenanceStamp stamp = ProvenanceStamp.fromBytes(bytes);

        assertThat(stamp)
                .isEqualTo(new ProvenanceStamp(
                        Uuid.fromString(field(page, "source cluster")),
                        Uuid.fromString(field(page, "source topic")),
                        Integer.parseInt(field(page, "source partition")),
                        Long.parseLong(field(page, "source offset"))));
        assertThat(stamp.toBytes()).isEqualTo(bytes);
        assertThat(page).contains("| key | `" + ProvenanceStamp.HEADER + "` |");
    }

    @Test
    void theLastHeaderCounts() {
        RecordHeaders headers = new RecordHeaders();
        headers.add(ProvenanceStamp.HEADER, new ProvenanceStamp(new Uuid(9, 9), new Uuid(9, 9), 9, 9).toBytes());
        headers.add(ProvenanceStamp.HEADER, STAMP.toBytes());

        assertThat(ProvenanceStamp.of(headers)).contains(STAMP);
    }

    @Test
    void anUnknownVersionIsRefusedWithItsPlaceAndTheRemedy() {
        byte[] later = STAMP.toBytes();
        later[0] = 2;
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>("orders", 3, 17, new byte[0], new byte[0]);

        assertThatThrownBy(() -> {
                    try {
                        ProvenanceStamp.fromBytes(later);
                    } catch (UnreadableStampException e) {
                        throw e.at("west:9092", record);
                    }
                })
                .isInstanceOf(UnreadableStampException.class)
                .hasMessage("cluster west:9092, topic orders, partition 3, offset 17: the header bw.stamp is a"
                        + " stamp of version 2; this release knows version 1: use the release here that wrote it"
                        + " there, or a later one");
    }

    @Test
    void whatIsNoStampAtAllIsRefused() {
        RecordHeaders empty = new RecordHeaders();
        empty.add(ProvenanceStamp.HEADER, null);

        assertThatThrownBy(() -> ProvenanceStamp.of(empty))
                .isInstanceOf(UnreadableStampException.class)
                .hasMessageContaining("version none");
        assertThatThrownBy(() -> ProvenanceStamp.fromBytes(new byte[] {1, 2, 3}))
                .isInstanceOf(UnreadableStampException.class)
                .hasMessageContaining("the 3 bytes of the header bw.stamp are no stamp of version 1")
                .hasMessageContaining("ByteArrayConverter");
    }

    @Test
    void aStampThatIsCutOrGoesOnIsRefused() {
        byte[] whole = STAMP.toBytes();
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> ProvenanceStamp.fromBytes(cut)).isInstanceOf(UnreadableStampException.class);
        }
        assertThatThrownBy(() -> ProvenanceStamp.fromBytes(Arrays.copyOf(whole, whole.length + 1)))
                .isInstanceOf(UnreadableStampException.class);
        byte[] endless = Arrays.copyOf(whole, whole.length + 10);
        Arrays.fill(endless, whole.length - 1, endless.length, (byte) 0xff);
        assertThatThrownBy(() -> ProvenanceStamp.fromBytes(endless)).isInstanceOf(UnreadableStampException.class);
        byte[] negative = new ProvenanceStamp(new Uuid(1, 2), new Uuid(3, 4), 5, -6).toBytes();
        assertThatThrownBy(() -> ProvenanceStamp.fromBytes(negative)).isInstanceOf(UnreadableStampException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 63, 64, 1_234_567, Integer.MAX_VALUE, Long.MAX_VALUE})
    void anyOffsetIsReadAsItWasWritten(long offset) {
        ProvenanceStamp stamp = new ProvenanceStamp(new Uuid(-1, 2), new Uuid(3, -4), Integer.MAX_VALUE, offset);

        assertThat(ProvenanceStamp.fromBytes(stamp.toBytes())).isEqualTo(stamp);
        assertThat(stamp.toBytes().length).isBetween(35, 48);
    }

    private static String field(String page, String name) {
        return found(page, "\\| " + name + " \\| `([^`]+)` \\|");
    }

    private static String found(String page, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(page);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }
}
