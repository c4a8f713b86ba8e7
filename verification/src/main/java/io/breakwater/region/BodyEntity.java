package io.breakwater.region;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;

/** A body that is sent once, in large pieces: bytes in memory go to the connection as a whole. */
final class BodyEntity extends AbstractHttpEntity {

    private final S3Wire.Body body;

    BodyEntity(S3Wire.Body body) {
        super("application/octet-stream", null);
        this.body = body;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        long sent = body.bytes().transferTo(out);
        if (sent != body.length()) {
            throw new EOFException("the body ended after " + sent + " of " + body.length() + " bytes");
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
