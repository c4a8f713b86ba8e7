package io.breakwater.replicator.flink.snapshot;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.checkpoint.metadata.MetadataSerializers;

/**
 * The bytes of a {@code _metadata} file: magic number, format version (4 in Flink 1.20, 5 in 2.0, 6 in 2.1 to 2.3),
 * metadata. The version is kept when a snapshot is rewritten.
 */
record MetadataFormat(int version, CheckpointMetadata metadata) {

    static final String FILE_NAME = "_metadata";

    private static final int HEADER_BYTES = 8;

    static MetadataFormat read(byte[] bytes) {
        if (bytes.length < HEADER_BYTES || ByteBuffer.wrap(bytes).getInt() != Checkpoints.HEADER_MAGIC_NUMBER) {
            throw new UnsupportedSnapshotException("_metadata of " + bytes.length + " bytes is not Flink's");
        }
        int version = ByteBuffer.wrap(bytes).getInt(Integer.BYTES);
        try {
            // Flink resolves relative handles against a directory that must exist: a local one, as only names count.
            Path directory = Files.createTempDirectory("breakwater-snapshot");
            try {
                Files.write(directory.resolve(FILE_NAME), bytes);
                return new MetadataFormat(version, load(bytes, directory));
            } finally {
                Files.deleteIfExists(directory.resolve(FILE_NAME));
                Files.delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CheckpointMetadata load(byte[] bytes, Path directory) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            return Checkpoints.loadCheckpointMetadata(
                    in, MetadataFormat.class.getClassLoader(), directory.toUri().toString());
        } catch (IOException | IllegalArgumentException | IllegalStateException | NegativeArraySizeException e) {
            throw new UnsupportedSnapshotException("_metadata of " + bytes.length + " bytes cannot be read: " + e, e);
        }
    }

    byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            Checkpoints.storeCheckpointMetadata(metadata, out, MetadataSerializers.getSerializer(version));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
