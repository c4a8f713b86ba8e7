package io.breakwater.verification.objects;

import io.breakwater.region.ObjectBytes;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads some of many objects, spread over all of them, and holds their bytes against size and tag. It shows that the
 * store gives what it lists; the copier has compared each object when it arrived. For one thread.
 */
final class ReadSample {

    private static final int OBJECTS = 20;
    private static final long MOST_BYTES = 256L << 20;
    private static final Pattern MD5 = Pattern.compile("[0-9a-f]{32}");

    private final ObjectStore store;
    private final long every;
    private long offered;
    private long bytes;
    private int read;
    private int asTagged;
    private final List<String> wrong = new ArrayList<>();
    private final List<String> unlike = new ArrayList<>();

    /** @param expected how many objects there are, about */
    ReadSample(ObjectStore store, long expected) {
        this.store = store;
        this.every = Math.max(1, expected / OBJECTS);
    }

    void offer(ObjectInfo info) throws IOException {
        boolean chosen = offered++ % every == 0 && read < OBJECTS && bytes + info.size() <= MOST_BYTES;
        if (!chosen) {
            return;
        }
        bytes += info.size();
        read++;
        ObjectBytes found = ObjectBytes.of(store, info.uri());
        if (found.size() != info.size()) {
            wrong.add(info.uri() + ": listed with " + info.size() + " bytes, read " + found.size());
        } else if (MD5.matcher(info.etag()).matches()) {
            if (found.md5().equals(info.etag())) {
                asTagged++;
            } else {
                unlike.add(info.uri() + ": its tag is " + info.etag() + ", the MD5 of its bytes " + found.md5());
            }
        }
    }

    int read() {
        return read;
    }

    /** A store that encrypts has tags that look like an MD5: where no tag fits, none is meant to. */
    List<String> differences() {
        List<String> found = new ArrayList<>(wrong);
        if (asTagged > 0) {
            found.addAll(unlike);
        }
        return found;
    }

    /** How many were held against their tags. */
    int comparedWithTags() {
        return asTagged + (asTagged > 0 ? unlike.size() : 0);
    }
}
