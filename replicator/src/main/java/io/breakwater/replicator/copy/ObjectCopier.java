package io.breakwater.replicator.copy;

import io.breakwater.region.BulkTransfer;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectStream;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.PartUploads;
import io.breakwater.region.ServerSideCopy;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Copies objects between two stores: several at a time, in bounded memory, each compared on arrival. Small ones are one
 * GET and one PUT, large ones go in parts, and inside one provider the provider copies.
 *
 * <p>An object counts as arrived only if the target's MD5 of what it received is the source's. The source's tag is that
 * MD5 mostly: it goes along with the bytes, and a target that received others refuses them, so that nothing wrong is
 * visible at any time. Where a tag is no MD5, digests are made here.
 *
 * <p>An object that is already there, equal, is not copied again, and of an unfinished upload only the missing parts
 * are sent: a copy that was interrupted is resumed by asking for it again. What stands at the target and differs stays.
 * Thread-safe.
 */
public final class ObjectCopier implements AutoCloseable {

    private static final AtomicInteger THREADS = new AtomicInteger();

    private final ObjectStore source;
    private final ObjectStore target;
    private final BulkTransfer reading;
    private final BulkTransfer writing;
    private final Optional<ServerSideCopy> serverSide;
    private final CopyLimits limits;
    private final ExecutorService threads;
    private final CopyBuffers buffers = new CopyBuffers();
    private final AtomicInteger running = new AtomicInteger();
    private final Bandwidth bandwidth;
    private final ObjectComparison comparison;
    private final CopyProgress overall;

    /** Objects that were asked for lately were there already: then it is cheaper to ask before bytes are sent. */
    private volatile boolean resuming;

    /** The stores stay the caller's to close. */
    public ObjectCopier(ObjectStore source, ObjectStore target, CopyLimits limits) {
        this(source, target, limits, new CopyProgress());
    }

    /** @param overall told of all copies that have no progress of their own */
    public ObjectCopier(ObjectStore source, ObjectStore target, CopyLimits limits, CopyProgress overall) {
        this(source, target, limits, overall, target.bulk().copiesFrom(source));
    }

    /**
     * A copier for places where others write too: each of its puts depends on an empty key, at a target that can do
     * that. A copy that the provider makes does not, so there are none.
     */
    public static ObjectCopier amongOtherWriters(ObjectStore source, ObjectStore target, CopyLimits limits) {
        return new ObjectCopier(source, target, limits, new CopyProgress(), Optional.empty());
    }

    private ObjectCopier(
            ObjectStore source,
            ObjectStore target,
            CopyLimits limits,
            CopyProgress overall,
            Optional<ServerSideCopy> serverSide) {
        this.overall = overall;
        this.source = source;
        this.target = target;
        this.reading = source.bulk();
        this.writing = target.bulk();
        this.serverSide = serverSide;
        this.limits = limits;
        this.bandwidth = new Bandwidth(limits.bytesPerSecond());
        this.comparison = new ObjectComparison(source, target);
        this.threads = Executors.newFixedThreadPool(limits.threads(), work -> {
            Thread thread = new Thread(work, "object-copier-" + THREADS.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Copies all; blocks until each has an outcome. The outcomes are in the order of the jobs. */
    public List<CopyOutcome> copy(List<CopyJob> jobs) throws InterruptedException {
        return copy(jobs, overall);
    }

    /** As {@link #copy(List)}, and tells how far it has come. */
    public List<CopyOutcome> copy(List<CopyJob> jobs, CopyProgress progress) throws InterruptedException {
        List<Callable<CopyOutcome>> calls = new ArrayList<>();
        for (CopyJob job : jobs) {
            progress.planned(job.size());
            calls.add(() -> copy(job, progress));
        }
        List<CopyOutcome> outcomes = new ArrayList<>();
        running.incrementAndGet();
        try {
            for (Future<CopyOutcome> done : threads.invokeAll(calls)) {
                outcomes.add(done.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a copy ended without an outcome", e.getCause());
        } finally {
            if (running.decrementAndGet() == 0) {
                buffers.drop();
            }
        }
        return outcomes;
    }

    /**
     * Removes the parts of uploads below a prefix of the target that nobody has finished.
     *
     * @param begunBefore younger ones may be under way
     * @return how many uploads
     */
    public int abortAbandoned(ObjectUri prefix, Instant begunBefore) {
        Optional<PartUploads> uploads = writing.parts();
        List<PartUploads.Upload> abandoned = uploads.stream()
                .flatMap(u -> u.unfinished(prefix).stream())
                .filter(upload -> upload.begun().isBefore(begunBefore))
                .toList();
        abandoned.forEach(upload -> uploads.orElseThrow().abort(upload));
        return abandoned.size();
    }

    private CopyOutcome copy(CopyJob job, CopyProgress progress) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            String reason;
            boolean mayPass = true;
            try {
                CopyOutcome outcome = attempt(job, progress, attempt == 1 && limits.attempts() > 1);
                progress.done();
                if (outcome instanceof CopyOutcome.AlreadyThere there) {
                    progress.skipped(there.size());
                }
                return outcome;
            } catch (ObjectStoreException e) {
                reason = String.valueOf(e.getMessage());
                mayPass = e.mayPass();
            } catch (IOException e) {
                reason = String.valueOf(e.getMessage());
            }
            if (!mayPass || attempt == limits.attempts()) {
                progress.done();
                return new CopyOutcome.Failed("copy " + job.from() + " to " + job.to() + ", attempt " + attempt + " of "
                        + limits.attempts() + ": " + reason);
            }
            new Backoff(limits.backoff()).await(attempt);
        }
    }

    private CopyOutcome attempt(CopyJob job, CopyProgress progress, boolean mayPassOn)
            throws IOException, InterruptedException {
        boolean large = job.size().orElse(0) > limits.bufferBytes();
        boolean asksFirst = !writing.putsIfAbsent() || resuming || large || serverSide.isPresent();
        if (asksFirst) {
            Optional<ObjectInfo> there = target.head(job.to());
            resuming = there.isPresent();
            if (there.isPresent()) {
                return comparison.compare(job, there.get());
            }
        }
        if (serverSide.isPresent() || (large && writing.parts().isPresent())) {
            Optional<ObjectInfo> meant = source.head(job.from());
            if (meant.isEmpty()) {
                return new CopyOutcome.SourceMissing();
            }
            if (differs(job, meant.get())) {
                return wrongSize(job, meant.get().size());
            }
            return serverSide.isPresent()
                    ? byProvider(job, meant.get(), serverSide.get(), progress)
                    : inParts(job, meant.get(), progress);
        }
        return streamed(job, progress, mayPassOn);
    }

    private CopyOutcome streamed(CopyJob job, CopyProgress progress, boolean mayPassOn)
            throws IOException, InterruptedException {
        bandwidth.take(job.size().orElse(0));
        Optional<ObjectStream> open = reading.open(job.from());
        if (open.isEmpty()) {
            return target.head(job.to())
                    .map(there -> comparison.withoutSource(job, there))
                    .orElse(new CopyOutcome.SourceMissing());
        }
        ObjectInfo meant;
        try (ObjectStream in = open.get()) {
            meant = in.info();
            if (differs(job, meant)) {
                return wrongSize(job, meant.size());
            }
            if (job.size().isEmpty()) {
                bandwidth.take(meant.size());
            }
            if (meant.size() <= limits.bufferBytes()) {
                return whole(job, in, progress, mayPassOn);
            }
            if (writing.parts().isEmpty()) {
                ObjectComparison.Sent sent = new FileCopy(target, limits.folder()).copy(in, job.to());
                comparison.arrived(job, meant, sent);
                progress.moved(meant.size());
                return new CopyOutcome.Copied(meant.size(), sent.tag());
            }
        }
        Optional<ObjectInfo> there = target.head(job.to());
        return there.isPresent() ? comparison.compare(job, there.get()) : inParts(job, meant, progress);
    }

    private CopyOutcome whole(CopyJob job, ObjectStream in, CopyProgress progress, boolean mayPassOn)
            throws IOException {
        long size = in.info().size();
        Optional<String> tag = new WholeCopy(writing, buffers, comparison).copy(job, in, mayPassOn);
        if (tag.isEmpty()) {
            resuming = true;
            return comparison.compare(
                    job,
                    target.head(job.to())
                            .orElseThrow(() -> new IOException(job.to() + " was there, and is gone again")));
        }
        progress.moved(size);
        return new CopyOutcome.Copied(size, tag.get());
    }

    private CopyOutcome byProvider(CopyJob job, ObjectInfo meant, ServerSideCopy provider, CopyProgress progress)
            throws IOException {
        String tag = provider.copy(meant, job.to());
        if (Digests.isMd5(tag) && Digests.isMd5(meant.etag()) && !tag.equals(meant.etag())) {
            comparison.arrived(job, meant, new ObjectComparison.Sent(Digests.of(reading, job.from()), tag));
        }
        progress.moved(meant.size());
        return new CopyOutcome.Copied(meant.size(), tag);
    }

    private CopyOutcome inParts(CopyJob job, ObjectInfo meant, CopyProgress progress)
            throws IOException, InterruptedException {
        PartedCopy copy = new PartedCopy(
                new PartedCopy.Ends(reading, writing.parts().orElseThrow(), target),
                new PartedCopy.Means(limits, threads, buffers, bandwidth, progress),
                comparison);
        Optional<String> tag = copy.copy(meant, job.to());
        return tag.isPresent()
                ? new CopyOutcome.Copied(meant.size(), tag.get())
                : comparison.compare(
                        job,
                        target.head(job.to())
                                .orElseThrow(() -> new IOException(job.to() + " was there, and is gone again")));
    }

    private static boolean differs(CopyJob job, ObjectInfo meant) {
        return job.size().orElse(meant.size()) != meant.size();
    }

    private static CopyOutcome wrongSize(CopyJob job, long size) {
        return new CopyOutcome.Different("the source has " + size + " bytes of " + job.from() + ", "
                + job.size().orElse(-1) + " were announced");
    }

    /** Ends its threads; copies under way are interrupted. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
