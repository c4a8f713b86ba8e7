package io.breakwater.replicator.copy;

import io.breakwater.region.BulkTransfer;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectStream;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.PartUploads;
import io.breakwater.region.ServerSideCopy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/** An object store in memory that fails as it is told. Faults are taken one by one, each by one open or put. */
public final class FaultyStore implements ObjectStore {

    /** What goes wrong. */
    public enum Fault {
        UNREACHABLE,
        TRUNCATED_WHEN_READ,
        CHANGED_WHEN_WRITTEN
    }

    private final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
    private final Deque<Fault> faults = new ArrayDeque<>();
    private final Map<String, Instant> written = new ConcurrentHashMap<>();
    private volatile Instant writing = Instant.EPOCH;
    private final AtomicInteger streamedPuts = new AtomicInteger();
    private volatile boolean dead;
    private volatile Runnable changed = () -> {};
    private volatile boolean takesStreams;
    private volatile boolean encrypts;
    private volatile boolean ignoresDigests;

    /** The time of what is put from now on; without it all is of 1970. */
    public void at(Instant time) {
        writing = time;
    }

    public void fails(Fault... next) {
        faults.addAll(Arrays.asList(next));
    }

    /** Told of each change once it is made; what it throws is thrown to who made the change. */
    public void afterEachChange(Runnable told) {
        changed = told;
    }

    /** From now on it takes bytes as they come, as S3 does, and counts such puts. */
    public void takesStreams() {
        takesStreams = true;
    }

    /** How many puts came as streams, refused ones too. */
    public int streamedPuts() {
        return streamedPuts.get();
    }

    /** From now on it encrypts: its tags look like an MD5 and are none. */
    public void encrypts() {
        encrypts = true;
    }

    /** It takes bytes that are not those whose MD5 was announced, as some stores do. */
    public void ignoresDigests() {
        ignoresDigests = true;
    }

    @Override
    public BulkTransfer bulk() {
        BulkTransfer plain = ObjectStore.super.bulk();
        return takesStreams ? new TakingStreams(this, plain) : plain;
    }

    public void dead(boolean nowDead) {
        dead = nowDead;
    }

    @Override
    public Optional<ObjectInfo> head(ObjectUri uri) {
        checkAlive();
        return Optional.ofNullable(objects.get(uri.toString())).map(bytes -> info(uri, bytes));
    }

    @Override
    public Optional<byte[]> get(ObjectUri uri) {
        checkAlive();
        return Optional.ofNullable(objects.get(uri.toString())).map(byte[]::clone);
    }

    @Override
    public Optional<byte[]> get(ObjectUri uri, long offset, int length) {
        return get(uri).map(bytes -> Arrays.copyOfRange(
                bytes, (int) Math.min(offset, bytes.length), (int) Math.min(offset + length, bytes.length)));
    }

    @Override
    public Optional<ObjectStream> open(ObjectUri uri) {
        Optional<Fault> fault = fault(Fault.TRUNCATED_WHEN_READ);
        return get(uri).map(bytes -> new ObjectStream(
                info(uri, bytes),
                new ByteArrayInputStream(bytes, 0, fault.isPresent() ? bytes.length / 2 : bytes.length)));
    }

    @Override
    public String put(ObjectUri uri, byte[] bytes) {
        byte[] stored = bytes.clone();
        if (fault(Fault.CHANGED_WHEN_WRITTEN).isPresent()) {
            stored[0]++;
        }
        objects.put(uri.toString(), stored);
        written.put(uri.toString(), writing);
        changed.run();
        return tag(stored);
    }

    private String tag(byte[] bytes) {
        return encrypts ? md5(md5(bytes).getBytes(StandardCharsets.US_ASCII)) : md5(bytes);
    }

    @Override
    public String put(ObjectUri uri, Path file) {
        try {
            return put(uri, Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public PutOutcome putIfAbsent(ObjectUri uri, byte[] bytes) {
        checkAlive();
        if (objects.putIfAbsent(uri.toString(), bytes.clone()) != null) {
            return PutOutcome.EXISTS;
        }
        changed.run();
        return PutOutcome.CREATED;
    }

    @Override
    public void delete(ObjectUri uri) {
        objects.remove(uri.toString());
        changed.run();
    }

    @Override
    public List<ObjectInfo> list(ObjectUri prefix, String startAfterKey) {
        checkAlive();
        return objects.tailMap(prefix.toString(), true).entrySet().stream()
                .takeWhile(e -> e.getKey().startsWith(prefix.toString()))
                .map(e -> info(ObjectUri.parse(e.getKey()), e.getValue()))
                .filter(info -> info.uri().key().compareTo(startAfterKey) > 0)
                .toList();
    }

    @Override
    public void close() {
        objects.clear();
    }

    private synchronized Optional<Fault> fault(Fault possible) {
        checkAlive();
        if (faults.peek() == Fault.UNREACHABLE) {
            faults.remove();
            throw unreachable();
        }
        return faults.peek() == possible ? Optional.of(faults.remove()) : Optional.empty();
    }

    private void checkAlive() {
        if (dead) {
            throw unreachable();
        }
    }

    private static ObjectStoreException unreachable() {
        return new ObjectStoreException(
                ObjectStoreException.Reason.UNREACHABLE, "connection refused", new IOException("connection refused"));
    }

    private ObjectInfo info(ObjectUri uri, byte[] bytes) {
        return new ObjectInfo(uri, bytes.length, tag(bytes), written.getOrDefault(uri.toString(), Instant.EPOCH));
    }

    private static String md5(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has MD5", e);
        }
    }

    private record TakingStreams(FaultyStore store, BulkTransfer plain) implements BulkTransfer {

        @Override
        public boolean putsIfAbsent() {
            return plain.putsIfAbsent();
        }

        @Override
        public Optional<ObjectStream> open(ObjectUri uri) {
            return plain.open(uri);
        }

        @Override
        public ObjectStream open(ObjectInfo object, long offset, long length) {
            return plain.open(object, offset, length);
        }

        @Override
        public Optional<String> put(ObjectUri uri, ByteBuffer bytes, PutTerms terms) {
            byte[] all = new byte[bytes.remaining()];
            bytes.duplicate().get(all);
            refuseOthers(uri, all, terms);
            return plain.put(uri, bytes, terms);
        }

        @Override
        public Optional<StreamedPuts> streamedPuts() {
            return Optional.of(this::putAsTheyCome);
        }

        private Optional<String> putAsTheyCome(ObjectUri uri, ObjectStream bytes, PutTerms terms) {
            store.streamedPuts.incrementAndGet();
            byte[] all;
            try {
                all = bytes.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (all.length != bytes.info().size()) {
                throw unreachable();
            }
            refuseOthers(uri, all, terms);
            return Optional.of(store.put(uri, all));
        }

        private void refuseOthers(ObjectUri uri, byte[] bytes, PutTerms terms) {
            if (!store.ignoresDigests && !terms.md5().orElse(md5(bytes)).equals(md5(bytes))) {
                throw new ObjectStoreException(
                        ObjectStoreException.Reason.REFUSED, "put " + uri + ": status 400 BadDigest", null);
            }
        }

        @Override
        public Optional<PartUploads> parts() {
            return plain.parts();
        }

        @Override
        public Optional<ServerSideCopy> copiesFrom(ObjectStore source) {
            return plain.copiesFrom(source);
        }
    }
}
