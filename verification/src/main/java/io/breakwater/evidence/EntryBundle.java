package io.breakwater.evidence;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Up to 256 entries as one file: each entry's length (two bytes, big-endian) and its bytes. */
final class EntryBundle {

    /** What two bytes of length can say. */
    static final int MAX_ENTRY_BYTES = 65_535;

    private EntryBundle() {}

    static byte[] encode(List<byte[]> entries) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] entry : entries) {
            out.write(entry.length >> 8);
            out.write(entry.length);
            out.writeBytes(entry);
        }
        return out.toByteArray();
    }

    /** @throws IllegalArgumentException if the bytes are not exactly so many entries */
    static List<byte[]> decode(byte[] bytes, int count) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        List<byte[]> entries = new ArrayList<>(count);
        try {
            for (int i = 0; i < count; i++) {
                byte[] entry = new byte[Short.toUnsignedInt(in.getShort())];
                in.get(entry);
                entries.add(entry);
            }
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("ends within entry " + entries.size() + " of " + count, e);
        }
        if (in.hasRemaining()) {
            throw new IllegalArgumentException(in.remaining() + " bytes beyond its " + count + " entries");
        }
        return entries;
    }
}
