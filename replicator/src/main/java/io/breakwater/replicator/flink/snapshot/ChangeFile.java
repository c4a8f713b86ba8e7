package io.breakwater.replicator.flink.snapshot;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.flink.runtime.state.SnappyStreamCompressionDecorator;

/**
 * A file of Flink's changelog: one byte that says whether the rest is compressed, then changes. Handles count their
 * offsets and their size from behind that byte and before compression. Source: OutputStreamWithPos and
 * ChangelogStreamWrapper in flink-dstl-dfs.
 */
final class ChangeFile {

    /** What comes before the changes. */
    static final int FLAG_BYTES = 1;

    private static final byte COMPRESSED = 1;

    private ChangeFile() {}

    /** Whether there are at least so many bytes of changes in it. */
    static boolean holds(long announced, byte[] content) {
        if (content.length < FLAG_BYTES) {
            return false;
        }
        if (content[0] != COMPRESSED) {
            return content.length - FLAG_BYTES >= announced;
        }
        InputStream compressed = new ByteArrayInputStream(content, FLAG_BYTES, content.length - FLAG_BYTES);
        try (InputStream changes = SnappyStreamCompressionDecorator.INSTANCE.decorateWithCompression(compressed)) {
            return changes.transferTo(OutputStream.nullOutputStream()) >= announced;
        } catch (IOException e) {
            return false; // it ends within a block
        }
    }
}
