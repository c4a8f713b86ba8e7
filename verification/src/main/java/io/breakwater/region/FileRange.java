package io.breakwater.region;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** So many bytes of a file from a place on; fewer at its end. Closes the channel. For one thread. */
final class FileRange extends InputStream {

    private final FileChannel channel;
    private final long end;
    private long position;

    FileRange(FileChannel channel, long offset, long length) {
        this.channel = channel;
        this.position = offset;
        this.end = offset + length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        int wanted = (int) Math.min(length, end - position);
        int count = wanted <= 0 ? -1 : channel.read(ByteBuffer.wrap(into, offset, wanted), position);
        position += Math.max(0, count);
        return count;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
