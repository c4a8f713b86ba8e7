package io.breakwater.region;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Tags of files. The digests of the last files that were read are kept, for as long as their sizes and times last. */
final class FileTags {

    private static final int MOST = 10_000;

    /** What was read when a file had this size and time. */
    private record Known(long size, FileTime time, String md5) {}

    private final Map<Path, Known> known = Collections.synchronizedMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, Known> eldest) {
            return size() > MOST;
        }
    });

    /** Of size and time: no digest, and never taken for one. */
    static String cheap(BasicFileAttributes attributes) {
        return Long.toHexString(attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS)) + "-"
                + Long.toHexString(attributes.size());
    }

    /** MD5 in hex. */
    String md5(Path file, BasicFileAttributes attributes) throws IOException {
        Known before = known.get(file);
        if (before != null
                && before.size() == attributes.size()
                && before.time().equals(attributes.lastModifiedTime())) {
            return before.md5();
        }
        String md5 = md5(file);
        known.put(file, new Known(attributes.size(), attributes.lastModifiedTime(), md5));
        return md5;
    }

    static String md5(Path file) throws IOException {
        MessageDigest digest = md5();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static String md5(ByteBuffer bytes) {
        MessageDigest digest = md5();
        digest.update(bytes.duplicate());
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has MD5", e);
        }
    }
}
