package io.breakwater.region.ledger;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a loss ledger is about, and the digests of its files. Written last: without it a ledger is not complete.
 *
 * @param formatVersion of manifest and files: {@link #FORMAT_VERSION}
 * @param group the protection group, if a controller made it
 * @param epoch that began with the loss, if a controller made it
 * @param sourceClusterId the cluster that holds the records
 * @param targetClusterId the cluster that lacks them
 */
public record LedgerManifest(
        int formatVersion,
        Optional<String> group,
        Optional<Long> epoch,
        Instant createdAt,
        String sourceClusterId,
        String targetClusterId,
        List<Part> partitions,
        Total total) {

    public static final int FORMAT_VERSION = 1;
    public static final String NAME = "manifest.json";

    /**
     * One partition of the source. All offsets are the source's.
     *
     * @param topicId of the source's topic, as Kafka writes it
     * @param segmentEnd inclusive begin of what did not arrive
     * @param from inclusive: the segment's end, or the first offset that retention has left, if that is later
     * @param to exclusive: the last stable offset
     * @param end exclusive: of the log. Beyond {@code to} only if transactions were open; what they hold is not listed
     * @param records committed ones from {@code from} to {@code to}
     */
    public record Part(
            String topic,
            Optional<String> topicId,
            int partition,
            long segmentEnd,
            long from,
            long to,
            long end,
            long records,
            List<File> files) {

        public Part {
            files = List.copyOf(files);
        }

        public PartitionKey key() {
            return new PartitionKey(topic, partition);
        }
    }

    /**
     * JSON lines, one a record: {@link LedgerRecord}.
     *
     * @param name below the manifest's folder
     * @param from offset of the first record
     * @param to offset of the last record
     * @param bytes length of the file
     * @param sha256 of the file, in hexadecimal
     */
    public record File(String name, long from, long to, long records, long bytes, String sha256) {}

    public record Total(int partitions, int files, long records, long bytes) {

        static Total of(List<Part> parts) {
            List<File> files =
                    parts.stream().flatMap(part -> part.files().stream()).toList();
            return new Total(
                    parts.size(),
                    files.size(),
                    files.stream().mapToLong(File::records).sum(),
                    files.stream().mapToLong(File::bytes).sum());
        }
    }

    public LedgerManifest {
        partitions = List.copyOf(partitions);
    }

    /** Whether no transaction was open: then every record that the source held is listed. */
    @JsonIgnore
    public boolean isComplete() {
        return partitions.stream().allMatch(part -> part.to() == part.end());
    }

    /**
     * @param where for the message
     * @throws InvalidLedgerException if it is no manifest, or of a version that this release does not know
     */
    static LedgerManifest parse(byte[] bytes, String where) {
        try {
            JsonNode json = Json.MAPPER.readTree(bytes);
            int version = json.path("formatVersion").asInt();
            if (version != FORMAT_VERSION) {
                throw new InvalidLedgerException(where + ": a loss ledger of version " + json.path("formatVersion")
                        + "; this release knows version " + FORMAT_VERSION + ": use the release that made it");
            }
            return Json.MAPPER.treeToValue(json, LedgerManifest.class);
        } catch (JsonProcessingException e) {
            throw new InvalidLedgerException(where + ": not the manifest of a loss ledger: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new InvalidLedgerException(where + ": not the manifest of a loss ledger: " + e.getMessage());
        }
    }
}
