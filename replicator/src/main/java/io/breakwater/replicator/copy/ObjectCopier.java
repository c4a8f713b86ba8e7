package io.breakwater.replicator.copy;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectStream;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * Copies objects between two stores through this process: several at a time, in bounded memory, each compared on
 * arrival. An object counts as arrived only if the target's MD5 of it is that of the bytes that were read, and those
 * are what the source said that it would send.
 *
 * <p>An object that is already there, equal, is not copied again: a copy that was interrupted is resumed by asking for
 * it again. The target is asked first, because it is the near one. Thread-safe.
 */
public final class ObjectCopier implements AutoCloseable {

    private static final Pattern MD5 = Pattern.compile("[0-9a-f]{32}");
    private static final AtomicInteger THREADS = new AtomicInteger();

    private final ObjectStore source;
    private final ObjectStore target;
    private final CopyLimits limits;
    private final ExecutorService threads;

    /** The stores stay the caller's to close. */
    public ObjectCopier(ObjectStore source, ObjectStore target, CopyLimits limits) {
        this.source = source;
        this.target = target;
        this.limits = limits;
        this.threads = Executors.newFixedThreadPool(limits.threads(), work -> {
            Thread thread = new Thread(work, "object-copier-" + THREADS.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Copies all; blocks until each has an outcome. The outcomes are in the order of the jobs. */
    public List<CopyOutcome> copy(List<CopyJob> jobs) throws InterruptedException {
        List<Callable<CopyOutcome>> calls = new ArrayList<>();
        for (CopyJob job : jobs) {
            calls.add(() -> copy(job));
        }
        List<CopyOutcome> outcomes = new ArrayList<>();
        for (Future<CopyOutcome> done : threads.invokeAll(calls)) {
            try {
                outcomes.add(done.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException("a copy ended without an outcome", e.getCause());
            }
        }
        return outcomes;
    }

    private CopyOutcome copy(CopyJob job) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            String reason;
            try {
                return attempt(job);
            } catch (ObjectStoreException | IOException e) {
                reason = "copy " + job.from() + " to " + job.to() + ": " + e.getMessage();
            }
            if (attempt == limits.attempts()) {
                return new CopyOutcome.Failed(reason);
            }
            Duration longest = limits.backoff().multipliedBy(1L << Math.min(attempt - 1, 10));
            TimeUnit.MILLISECONDS.sleep(
                    ThreadLocalRandom.current().nextLong(longest.toMillis() / 2, longest.toMillis() + 1));
        }
    }

    private CopyOutcome attempt(CopyJob job) throws IOException {
        Optional<ObjectInfo> there = target.head(job.to());
        if (there.isPresent()) {
            Optional<CopyOutcome> known = compare(job, there.get());
            if (known.isPresent()) {
                return known.get();
            }
        }
        Optional<ObjectStream> open = source.open(job.from());
        if (open.isEmpty()) {
            return new CopyOutcome.SourceMissing();
        }
        try (ObjectStream in = open.get()) {
            long size = in.info().size();
            if (job.size().isPresent() && job.size().getAsLong() != size) {
                return wrongSize(job, size);
            }
            if (size <= limits.bufferBytes()) {
                buffered(job, in);
            } else {
                throughFile(job, in);
            }
            return new CopyOutcome.Copied(size);
        }
    }

    /** @return empty if the tags can't tell: then it is copied again */
    private Optional<CopyOutcome> compare(CopyJob job, ObjectInfo there) {
        Optional<ObjectInfo> meant = source.head(job.from());
        if (meant.isEmpty()) {
            // It arrived before the source lost it; nothing is put at a target before it was compared.
            return Optional.of(
                    job.size().isEmpty() || job.size().getAsLong() == there.size()
                            ? new CopyOutcome.AlreadyThere(there.size())
                            : new CopyOutcome.SourceMissing());
        }
        if (job.size().isPresent() && job.size().getAsLong() != meant.get().size()) {
            return Optional.of(wrongSize(job, meant.get().size()));
        }
        boolean sameSize = meant.get().size() == there.size();
        if (sameSize && meant.get().etag().equals(there.etag())) {
            return Optional.of(new CopyOutcome.AlreadyThere(there.size()));
        }
        boolean comparable = isMd5(meant.get().etag()) && isMd5(there.etag());
        return sameSize && !comparable
                ? Optional.empty()
                : Optional.of(new CopyOutcome.Different(
                        "at the target stands " + describe(there) + ", the source has " + describe(meant.get())));
    }

    private void buffered(CopyJob job, ObjectStream in) throws IOException {
        byte[] bytes = in.readNBytes((int) in.info().size());
        if (bytes.length != in.info().size()) {
            throw new IOException(
                    "the source sent " + bytes.length + " of " + in.info().size() + " bytes");
        }
        String digest = HexFormat.of().formatHex(md5().digest(bytes));
        checkSource(in.info(), digest);
        checkArrived(job.to(), target.put(job.to(), bytes), digest);
    }

    private void throughFile(CopyJob job, ObjectStream in) throws IOException {
        Path file = Files.createTempFile(limits.folder(), "breakwater-copy", ".part");
        try {
            MessageDigest md5 = md5();
            long size =
                    Files.copy(new DigestInputStream(in, md5), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            if (size != in.info().size()) {
                throw new IOException(
                        "the source sent " + size + " of " + in.info().size() + " bytes");
            }
            String digest = HexFormat.of().formatHex(md5.digest());
            checkSource(in.info(), digest);
            checkArrived(job.to(), target.put(job.to(), file), digest);
        } finally {
            Files.delete(file);
        }
    }

    /** A tag that looks like an MD5 may be none (stores that encrypt): then a second reading decides. */
    private void checkSource(ObjectInfo info, String digest) throws IOException {
        if (isMd5(info.etag())
                && !info.etag().equals(digest)
                && !digestOf(source, info.uri()).equals(digest)) {
            throw new IOException("two readings of " + info.uri() + " differ");
        }
    }

    private void checkArrived(ObjectUri to, String etag, String digest) throws IOException {
        boolean arrived = false;
        try {
            arrived = etag.equals(digest) || digestOf(target, to).equals(digest);
        } finally {
            if (!arrived) {
                target.delete(to);
            }
        }
        if (!arrived) {
            throw new IOException(to + " arrived with other bytes than were sent; removed");
        }
    }

    private static String digestOf(ObjectStore store, ObjectUri uri) throws IOException {
        MessageDigest md5 = md5();
        try (InputStream in = store.open(uri).orElseThrow(() -> new IOException(uri + " is gone"));
                InputStream digesting = new DigestInputStream(in, md5)) {
            digesting.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(md5.digest());
    }

    private static CopyOutcome wrongSize(CopyJob job, long size) {
        return new CopyOutcome.Different("the source has " + size + " bytes of " + job.from() + ", "
                + job.size().orElse(-1) + " were announced");
    }

    private static String describe(ObjectInfo info) {
        return info.uri() + " of " + info.size() + " bytes, tag " + info.etag();
    }

    private static boolean isMd5(String etag) {
        return MD5.matcher(etag).matches();
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has MD5", e);
        }
    }

    /** Ends its threads; copies under way are interrupted. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
