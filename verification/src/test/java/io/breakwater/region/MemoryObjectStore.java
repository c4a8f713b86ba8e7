package io.breakwater.region;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** An object store in memory, for tests of what is built on one. */
public final class MemoryObjectStore implements ObjectStore {

    private final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

    @Override
    public Optional<ObjectInfo> head(ObjectUri uri) {
        return Optional.ofNullable(objects.get(uri.toString())).map(stored -> info(uri, stored));
    }

    @Override
    public Optional<byte[]> get(ObjectUri uri) {
        return Optional.ofNullable(objects.get(uri.toString())).map(byte[]::clone);
    }

    @Override
    public Optional<byte[]> get(ObjectUri uri, long offset, int length) {
        return get(uri).map(bytes -> Arrays.copyOfRange(
                bytes, (int) Math.min(offset, bytes.length), (int) Math.min(offset + length, bytes.length)));
    }

    @Override
    public Optional<ObjectStream> open(ObjectUri uri) {
        return Optional.ofNullable(objects.get(uri.toString()))
                .map(stored -> new ObjectStream(info(uri, stored), new ByteArrayInputStream(stored)));
    }

    @Override
    public String put(ObjectUri uri, byte[] bytes) {
        objects.put(uri.toString(), bytes.clone());
        return md5(bytes);
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
        return objects.putIfAbsent(uri.toString(), bytes.clone()) == null ? PutOutcome.CREATED : PutOutcome.EXISTS;
    }

    @Override
    public void delete(ObjectUri uri) {
        objects.remove(uri.toString());
    }

    @Override
    public List<ObjectInfo> list(ObjectUri prefix, String startAfterKey) {
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

    private static ObjectInfo info(ObjectUri uri, byte[] stored) {
        return new ObjectInfo(uri, stored.length, md5(stored), Instant.EPOCH);
    }

    private static String md5(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has MD5", e);
        }
    }
}
