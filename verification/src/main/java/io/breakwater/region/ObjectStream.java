package io.breakwater.region;

import io.breakwater.region.ObjectStore.ObjectInfo;
import java.io.FilterInputStream;
import java.io.InputStream;

/** The bytes of one object as they come, with what the store says of it in the same answer. */
public final class ObjectStream extends FilterInputStream {

    private final ObjectInfo info;

    public ObjectStream(ObjectInfo info, InputStream bytes) {
        super(bytes);
        this.info = info;
    }

    public ObjectInfo info() {
        return info;
    }
}
