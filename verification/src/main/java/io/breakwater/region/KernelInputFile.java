package io.breakwater.region;

import io.delta.kernel.defaults.engine.fileio.InputFile;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;

/** An object that Delta Kernel reads, by ranges: one block in memory a stream. */
final class KernelInputFile implements InputFile {

    /** Most files of a log, and small data files, take one request. */
    private static final int BLOCK = 4 << 20;

    private final ObjectStore store;
    private final ObjectUri uri;
    private final long size;

    KernelInputFile(ObjectStore store, ObjectUri uri, long size) {
        this.store = store;
        this.uri = uri;
        this.size = size;
    }

    /** Kernel does not always know the size: then the store is asked. */
    @Override
    public long length() throws IOException {
        if (size > 0) {
            return size;
        }
        try {
            return store.head(uri)
                    .orElseThrow(() -> new FileNotFoundException(uri.toString()))
                    .size();
        } catch (ObjectStoreException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public String path() {
        return uri.toString();
    }

    @Override
    public SeekableInputStream newStream() {
        return new Blocks();
    }

    private final class Blocks extends SeekableInputStream {

        private long position;
        private long blockAt;
        private byte[] block = new byte[0];

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void seek(long to) {
            position = to;
        }

        @Override
        public int read() throws IOException {
            return available(1) ? block[(int) (position++ - blockAt)] & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!available(length)) {
                return -1;
            }
            int at = (int) (position - blockAt);
            int count = Math.min(length, block.length - at);
            System.arraycopy(block, at, into, offset, count);
            position += count;
            return count;
        }

        @Override
        public void readFully(byte[] into, int offset, int length) throws IOException {
            if (readNBytes(into, offset, length) < length) {
                throw new EOFException(uri + " ends before " + (position + length));
            }
        }

        /** Loads the block at the position if it is another one; false at the end of the object. */
        private boolean available(int wanted) throws IOException {
            if (position >= blockAt && position < blockAt + block.length) {
                return true;
            }
            try {
                block = store.get(uri, position, Math.max(wanted, BLOCK))
                        .orElseThrow(() -> new FileNotFoundException(uri.toString()));
            } catch (ObjectStoreException e) {
                throw new IOException(e.getMessage(), e);
            }
            blockAt = position;
            return block.length > 0;
        }
    }
}
