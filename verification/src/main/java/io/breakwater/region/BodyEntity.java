package io.breakwater.region;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;

/** A body that is sent once, in large pieces: bytes in memory go to the connection as a whole. */
final class BodyEntity extends AbstractHttpEntity {

    /** As much as a Java socket takes at a time, and small enough to stay in a processor's cache on its way. */
    private static final int PIECE = 128 << 10;

    private final S3Wire.Body body;

    BodyEntity(S3Wire.Body body) {
        super("application/octet-stream", null);
        this.body = body;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        long sent = body.bytes() instanceof ByteArrayInputStream inMemory ? inMemory.transferTo(out) : passOn(out);
        if (sent != body.length()) {
            throw new EOFException("the body ended after " + sent + " of " + body.length() + " bytes");
        }
    }

    private long passOn(OutputStream out) throws IOException {
        byte[] piece = new byte[PIECE];
        long sent = 0;
        for (int filled = fill(piece); filled > 0; filled = fill(piece)) {
            out.write(piece, 0, filled);
            sent += filled;
        }
        return sent;
    }

    private int fill(byte[] piece) throws IOException {
        try {
            return body.bytes().readNBytes(piece, 0, piece.length);
        } catch (IOException e) {
            throw new IOException("the body cannot be read: " + e, e);
        }
    }

    @Override
    public InputStream getContent() {
        return body.bytes();
    }

    @Override
    public long getContentLength() {
        return body.length();
    }

    @Override
    public boolean isRepeatable() {
        return false;
    }

    @Override
    public boolean isStreaming() {
        return true;
    }

    @Override
    public void close() throws IOException {
        body.bytes().close();
    }
}
