package io.breakwater.replicator.copy;

import io.breakwater.region.BulkTransfer;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectStream;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.PartUploads;
import io.breakwater.region.PartUploads.Part;
import io.breakwater.region.PartUploads.Upload;
import java.io.ByteArrayInputStream;
import java.io.IOException;
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
        Upload upload = newest(to).orElseGet(() -> ends.uploads().begin(to, meant));
        Map<Integer, Part> before =
                ends.uploads().parts(upload).stream().collect(Collectors.toMap(Part::number, Function.identity()));
        Transfer transfer = new Transfer(meant, plan, upload, before, plan.partSize() <= usual);
        SharedParts.run(plan.parts(), means.limits().threads(), means.threads(), transfer);
        transfer.checkWhole();
        Optional<String> tag = ends.uploads().complete(upload, transfer.parts());
        if (tag.isEmpty()) {
            ends.uploads().abort(upload);
            return tag;
        }
        if (transfer.readBack || !tag.get().equals(Digests.ofParts(transfer.digests()))) {
            readBack(transfer, to, tag.get());
        }
        return tag;
    }

    private Optional<Upload> newest(ObjectUri to) {
        return ends.uploads().unfinished(to).stream()
                .filter(upload -> upload.uri().equals(to))
                .max(Comparator.comparing(Upload::begun));
    }

    /** The store's tags do not tell what it received: it is asked for the bytes. */
    private void readBack(Transfer transfer, ObjectUri to, String tag) throws IOException {
        boolean right = false;
        try {
            ObjectInfo there = ends.target().head(to).orElseThrow(() -> new IOException(to + " is gone"));
            right = there.size() == transfer.plan.size();
            for (int number = 1; right && number <= transfer.plan.parts(); number++) {
                MessageDigest md5 = Digests.md5();
                try (ObjectStream in = ends.target()
                                .bulk()
                                .open(there, transfer.plan.offset(number), transfer.plan.length(number));
                        DigestInputStream digesting = new DigestInputStream(in, md5)) {
                    digesting.transferTo(java.io.OutputStream.nullOutputStream());
                }
                right = Digests.hex(md5).equals(transfer.digests.get(number));
            }
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

        Transfer(ObjectInfo meant, PartPlan plan, Upload upload, Map<Integer, Part> before, boolean inMemory) {
            this.meant = meant;
            this.plan = plan;
            this.upload = upload;
            this.before = before;
            this.inMemory = inMemory;
            this.whole =
                    inMemory && comparison.tagIsDigest(meant) ? Optional.of(new OrderedDigest()) : Optional.empty();
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
            String digest = Digests.of(buffer, length);
            digests.put(number, digest);
            Part known = before.get(number);
            if (known != null && known.size() == length && known.etag().equals(digest)) {
                parts.put(number, known);
                return;
            }
            again(() -> arrived(
                    number,
                    length,
                    ends.uploads()
                            .put(
                                    upload,
                                    number,
                                    new ByteArrayInputStream(buffer, 0, length),
                                    length,
                                    Optional.of(digest))));
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
                String tag =
                        ends.uploads().put(upload, number, new DigestInputStream(in, md5), length, Optional.empty());
                digests.put(number, Digests.hex(md5));
                arrived(number, length, tag);
            }
        }

        private void arrived(int number, long length, String tag) throws IOException {
            parts.put(number, new Part(number, length, tag));
            if (!tag.equals(digests.get(number))) {
                readBack = true;
            }
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

        void checkWhole() throws IOException {
            if (whole.isEmpty()) {
                return;
            }
            String digest = whole.get().whole();
            if (!digest.equals(meant.etag()) && !comparison.sourceHas(meant, digest)) {
                ends.uploads().abort(upload);
                throw new IOException("two readings of " + meant.uri() + " differ; nothing was put at the target");
            }
        }
    }

    @FunctionalInterface
    private interface Attempt {
        void make() throws IOException;
    }
}
