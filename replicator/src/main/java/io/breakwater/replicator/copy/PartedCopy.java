package io.breakwater.replicator.copy;

import io.breakwater.region.BulkTransfer;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectStream;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.PartUploads;
import io.breakwater.region.PartUploads.Announced;
import io.breakwater.region.PartUploads.Part;
import io.breakwater.region.PartUploads.Upload;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;

/**
 * The copy of one large object, in parts: ranged GETs of the source, each bound to the tag that the source had at the
 * begin, and an upload that becomes visible only after every part, and the whole where the source's tag tells its
 * digest, was compared. The thread that begins it copies parts, and so do others of the copier while they are free.
 * An upload that an earlier attempt left behind is taken up: parts of it that are the source's are not sent again.
 */
final class PartedCopy {

    private final Ends ends;
    private final Means means;
    private final ObjectComparison comparison;

    /** Where from and where to. */
    record Ends(BulkTransfer reading, PartUploads uploads, ObjectStore target) {}

    /** What all copies of a copier share. */
    record Means(
            CopyLimits limits,
            ExecutorService threads,
            CopyBuffers buffers,
            Bandwidth bandwidth,
            CopyProgress progress) {}

    PartedCopy(Ends ends, Means means, ObjectComparison comparison) {
        this.ends = ends;
        this.means = means;
        this.comparison = comparison;
    }

    /** @return the target's tag of it; empty if something stood at the target when the upload was complete */
    Optional<String> copy(ObjectInfo meant, ObjectUri to) throws IOException, InterruptedException {
        int usual = (int) Math.max(means.limits().bufferBytes(), PartUploads.SMALLEST_PART);
        PartPlan plan = PartPlan.of(meant, usual);
        boolean inMemory = plan.partSize() <= usual;
        Optional<OrderedDigest> whole =
                inMemory && comparison.tagIsDigest(meant) ? Optional.of(new OrderedDigest()) : Optional.empty();
        Upload upload = newest(to, inMemory).orElseGet(() -> ends.uploads().begin(to, meant, whole.isPresent()));
        Map<Integer, Part> before =
                ends.uploads().parts(upload).stream().collect(Collectors.toMap(Part::number, Function.identity()));
        Transfer transfer = new Transfer(meant, plan, upload, before, inMemory, whole);
        SharedParts.run(plan.parts(), means.limits().threads(), means.threads(), transfer);
        Optional<String> digest = transfer.checkWhole();
        Optional<String> tag = ends.uploads().complete(upload, transfer.parts());
        if (tag.isEmpty()) {
            ends.uploads().abort(upload);
            return tag;
        }
        if (transfer.readBack || !tag.get().equals(Digests.ofParts(transfer.digests()))) {
            readBack(transfer, digest, to, tag.get());
        }
        return tag;
    }

    /** @param inMemory whether parts are known before they are sent, as they have to be where a CRC-32 announces them */
    private Optional<Upload> newest(ObjectUri to, boolean inMemory) {
        return ends.uploads().unfinished(to).stream()
                .filter(upload -> upload.uri().equals(to) && (inMemory || !upload.byCrc32()))
                .max(Comparator.comparing(Upload::begun));
    }

    /** The store's tags do not tell what it received: it is asked for the bytes. */
    private void readBack(Transfer transfer, Optional<String> whole, ObjectUri to, String tag) throws IOException {
        boolean right = false;
        try {
            ObjectInfo there = ends.target().head(to).orElseThrow(() -> new IOException(to + " is gone"));
            right = there.size() == transfer.plan.size()
                    && (whole.isPresent()
                            ? Digests.of(ends.target().bulk(), to).equals(whole.get())
                            : transfer.hasAllParts(there));
        } finally {
            // Somebody else may have written there meanwhile: that stays.
            if (!right && ends.target().head(to).map(ObjectInfo::etag).equals(Optional.of(tag))) {
                ends.target().delete(to);
            }
        }
        if (!right) {
            throw new IOException(to + " arrived with other bytes than were sent; removed");
        }
    }

    /** One upload under way. */
    private final class Transfer implements SharedParts.Work {

        private final ObjectInfo meant;
        private final PartPlan plan;
        private final Upload upload;
        private final Map<Integer, Part> before;
        private final boolean inMemory;
        private final Optional<OrderedDigest> whole;
        private final Map<Integer, String> digests = new ConcurrentHashMap<>();
        private final Map<Integer, Part> parts = new ConcurrentHashMap<>();
        private volatile boolean readBack;

        Transfer(
                ObjectInfo meant,
                PartPlan plan,
                Upload upload,
                Map<Integer, Part> before,
                boolean inMemory,
                Optional<OrderedDigest> whole) {
            this.meant = meant;
            this.plan = plan;
            this.upload = upload;
            this.before = before;
            this.inMemory = inMemory;
            this.whole = whole;
        }

        List<Part> parts() {
            return IntStream.rangeClosed(1, plan.parts()).mapToObj(parts::get).toList();
        }

        List<String> digests() {
            return IntStream.rangeClosed(1, plan.parts()).mapToObj(digests::get).toList();
        }

        @Override
        public void ended() {
            whole.ifPresent(OrderedDigest::end);
        }

        @Override
        public void part(int number) throws IOException, InterruptedException {
            int length = Math.toIntExact(plan.length(number));
            means.bandwidth().take(length);
            if (inMemory) {
                byte[] buffer = means.buffers().take(length);
                try {
                    buffered(number, buffer, length);
                } finally {
                    means.buffers().giveBack(buffer);
                }
            } else {
                again(() -> streamed(number, length));
            }
            means.progress().moved(length);
        }

        private void buffered(int number, byte[] buffer, int length) throws IOException, InterruptedException {
            again(() -> read(number, buffer, length));
            if (whole.isPresent() && !whole.get().add(number, buffer, length)) {
                return; // another part has failed
            }
            Part known = before.get(number);
            // The whole's digest holds what was read against the source, the CRC-32 what arrived against what was read.
            Optional<String> md5 = whole.isPresent() && upload.byCrc32() && known == null
                    ? Optional.empty()
                    : Optional.of(Digests.of(buffer, length));
            if (known != null && known.size() == length && md5.equals(Optional.of(known.etag()))) {
                arrived(known, md5);
                return;
            }
            Announced announced = upload.byCrc32() ? crc32(buffer, length) : new Announced.Md5(md5.orElseThrow());
            again(() -> arrived(put(number, new ByteArrayInputStream(buffer, 0, length), length, announced), md5));
        }

        private Part put(int number, InputStream bytes, int length, Announced announced) {
            return ends.uploads().put(upload, number, bytes, length, announced);
        }

        private void read(int number, byte[] buffer, int length) throws IOException {
            try (ObjectStream in = ends.reading().open(meant, plan.offset(number), length)) {
                int read = in.readNBytes(buffer, 0, length);
                if (read != length) {
                    throw new IOException("the source sent " + read + " of " + length + " bytes of part " + number
                            + " of " + meant.uri());
                }
            }
        }

        /** Parts that are larger than a buffer: of objects beyond {@code bufferBytes} times 10,000. */
        private void streamed(int number, int length) throws IOException {
            MessageDigest md5 = Digests.md5();
            try (ObjectStream in = ends.reading().open(meant, plan.offset(number), length)) {
                Part part = put(number, new DigestInputStream(in, md5), length, new Announced.Nothing());
                arrived(part, Optional.of(Digests.hex(md5)));
            }
        }

        /** @param md5 of what was sent, unless the store has verified it otherwise */
        private void arrived(Part part, Optional<String> md5) {
            parts.put(part.number(), part);
            digests.put(part.number(), md5.orElse(part.etag()));
            if (!Digests.isMd5(part.etag())
                    || md5.filter(digest -> !digest.equals(part.etag())).isPresent()) {
                readBack = true;
            }
        }

        boolean hasAllParts(ObjectInfo there) throws IOException {
            boolean right = true;
            for (int number = 1; right && number <= plan.parts(); number++) {
                MessageDigest md5 = Digests.md5();
                try (ObjectStream in = ends.target().bulk().open(there, plan.offset(number), plan.length(number));
                        DigestInputStream digesting = new DigestInputStream(in, md5)) {
                    digesting.transferTo(OutputStream.nullOutputStream());
                }
                right = Digests.hex(md5).equals(digests.get(number));
            }
            return right;
        }

        private void again(Attempt attempt) throws IOException, InterruptedException {
            for (int count = 1; ; count++) {
                try {
                    attempt.make();
                    return;
                } catch (ObjectStoreException e) {
                    if (!e.mayPass() || count == means.limits().attempts()) {
                        throw e;
                    }
                } catch (IOException e) {
                    if (count == means.limits().attempts()) {
                        throw e;
                    }
                }
                new Backoff(means.limits().backoff()).await(count);
            }
        }

        /** @return the MD5 of all that was read, if it had to be the source's tag */
        Optional<String> checkWhole() throws IOException {
            if (whole.isEmpty()) {
                return Optional.empty();
            }
            String digest = whole.get().whole();
            if (!digest.equals(meant.etag()) && !comparison.sourceHas(meant, digest)) {
                ends.uploads().abort(upload);
                throw new IOException("two readings of " + meant.uri() + " differ; nothing was put at the target");
            }
            return Optional.of(digest);
        }
    }

    private static Announced crc32(byte[] bytes, int length) {
        CRC32 crc32 = new CRC32();
        crc32.update(bytes, 0, length);
        return new Announced.Crc32((int) crc32.getValue());
    }

    @FunctionalInterface
    private interface Attempt {
        void make() throws IOException;
    }
}
