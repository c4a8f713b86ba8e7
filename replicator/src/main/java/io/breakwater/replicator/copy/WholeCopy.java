package io.breakwater.replicator.copy;

import io.breakwater.region.BulkTransfer;
import io.breakwater.region.BulkTransfer.PutTerms;
import io.breakwater.region.BulkTransfer.StreamedPuts;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The copy of an object that fits into a buffer: one GET and one PUT. The bytes are passed on as they come where the
 * source's tag is their MD5, which must be known before the first goes out; else they are read as a whole before they
 * are sent.
 */
final class WholeCopy {

    /** In bytes; what is smaller lies in the connections' own buffers at once, and its source is free sooner if read. */
    static final int SMALLEST_PASSED_ON = 256 << 10;

    private final BulkTransfer writing;
    private final CopyBuffers buffers;
    private final ObjectComparison comparison;

    WholeCopy(BulkTransfer writing, CopyBuffers buffers, ObjectComparison comparison) {
        this.writing = writing;
        this.buffers = buffers;
        this.comparison = comparison;
    }

    /**
     * @param mayPassOn false if another attempt has failed: bytes that were passed on are gone, so only bytes that were
     *     kept can tell whether they or the source's tag was wrong
     * @return the target's tag of it; empty if something stands at the target
     */
    Optional<String> copy(CopyJob job, ObjectStream in, boolean mayPassOn) throws IOException {
        ObjectInfo meant = in.info();
        Optional<StreamedPuts> streams =
                mayPassOn && meant.size() >= SMALLEST_PASSED_ON && comparison.tagIsDigest(meant)
                        ? writing.streamedPuts()
                        : Optional.empty();
        return streams.isPresent() ? passedOn(job, in, streams.get()) : kept(job, in);
    }

    private Optional<String> passedOn(CopyJob job, ObjectStream in, StreamedPuts streams) throws IOException {
        ObjectInfo meant = in.info();
        Optional<String> tag = streams.put(job.to(), in, terms(meant.etag()));
        if (tag.isPresent() && !tag.get().equals(meant.etag())) {
            comparison.arrived(job, meant, new ObjectComparison.Sent(meant.etag(), tag.get()));
        }
        return tag;
    }

    private Optional<String> kept(CopyJob job, ObjectStream in) throws IOException {
        ObjectInfo meant = in.info();
        int size = (int) meant.size();
        byte[] buffer = buffers.take(size);
        try {
            int read = in.readNBytes(buffer, 0, size);
            if (read != size) {
                throw new IOException("the source sent " + read + " of " + size + " bytes of " + job.from());
            }
            in.close(); // its connection is free while the target writes
            Optional<String> tag = put(job, meant, buffer);
            if (tag.isPresent() && !tag.get().equals(meant.etag())) {
                comparison.arrived(job, meant, new ObjectComparison.Sent(Digests.of(buffer, size), tag.get()));
            }
            return tag;
        } finally {
            buffers.giveBack(buffer);
        }
    }

    private Optional<String> put(CopyJob job, ObjectInfo meant, byte[] buffer) throws IOException {
        int size = (int) meant.size();
        ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, size);
        String announced = comparison.tagIsDigest(meant) ? meant.etag() : Digests.of(buffer, size);
        try {
            return writing.put(job.to(), bytes, terms(announced));
        } catch (ObjectStoreException e) {
            String own = Digests.of(buffer, size);
            if (own.equals(announced) || !comparison.sourceHas(meant, own)) {
                throw e;
            }
            return writing.put(job.to(), bytes, terms(own));
        }
    }

    private PutTerms terms(String md5) {
        return new PutTerms(writing.putsIfAbsent(), Optional.of(md5));
    }
}
