package io.breakwater.local.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.PartUploads;
import io.breakwater.region.PartUploads.Announced;
import io.breakwater.region.PartUploads.Part;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.replicator.copy.CopyJob;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.CopyOutcome;
import io.breakwater.replicator.copy.ObjectCopier;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An object beyond 5 GiB, which no store copies with one request: it takes some 17 GB of disk and minutes. */
@Tag("full")
class LargeObjectIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final long PART = 512L << 20;
    private static final long SIZE = 5_500_000_000L;
    private static final ObjectUri FROM = new ObjectUri("lake-east", "large.bin");
    private static final ObjectUri TO = new ObjectUri("lake-east", "copy.bin");

    @TempDir
    private Path directory;

    @Test
    void theProviderCopiesItInParts() throws Exception {
        try (S3Server server =
                S3Server.in(ProjectLayout.find(), "s3-east", directory.resolve("east"), Map.of("lake", "lake-east"))) {
            server.start(PROGRESS);
            try (ObjectStore store = S3ObjectStore.connect(server.site(), Duration.ofMinutes(5));
                    ObjectCopier copier = new ObjectCopier(store, store, CopyLimits.standard())) {
                upload(store);
                PROGRESS.line("uploaded");

                List<CopyOutcome> outcomes = copier.copy(List.of(new CopyJob(FROM, TO, OptionalLong.of(SIZE))));

                PROGRESS.line("copied: " + outcomes);
                ObjectInfo copy = store.head(TO).orElseThrow();
                assertThat(outcomes).containsExactly(new CopyOutcome.Copied(SIZE, copy.etag()));
                assertThat(copy.size()).isEqualTo(SIZE);
                for (long offset = 0; offset < SIZE; offset += PART / 2) {
                    assertThat(store.get(TO, offset, 64).orElseThrow())
                            .as("at %d", offset)
                            .isEqualTo(pattern(offset, (int) Math.min(64, SIZE - offset)));
                }
                assertThat(copier.copy(List.of(new CopyJob(FROM, TO, OptionalLong.of(SIZE)))))
                        .as("known as the source's, and not read again")
                        .containsExactly(new CopyOutcome.AlreadyThere(SIZE, copy.etag()));
            }
        }
    }

    private static void upload(ObjectStore store) {
        PartUploads uploads = store.bulk().parts().orElseThrow();
        PartUploads.Upload upload = uploads.begin(FROM, new ObjectInfo(FROM, SIZE, "none", Instant.EPOCH), false);
        List<Part> parts = new ArrayList<>();
        for (long offset = 0; offset < SIZE; offset += PART) {
            long length = Math.min(PART, SIZE - offset);
            int number = parts.size() + 1;
            parts.add(uploads.put(upload, number, new Pattern(offset, length), length, new Announced.Nothing()));
        }
        assertThat(uploads.complete(upload, parts)).isPresent();
    }

    /** Each mebibyte of the object is filled with a byte of its own. */
    private static byte[] pattern(long offset, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = at(offset + i);
        }
        return bytes;
    }

    private static byte at(long offset) {
        return (byte) (((offset >> 20) * 31) >> 3);
    }

    /** The bytes of a part. */
    private static final class Pattern extends InputStream {
        private final long end;
        private long next;

        Pattern(long offset, long length) {
            this.next = offset;
            this.end = offset + length;
        }

        @Override
        public int read() {
            return next == end ? -1 : at(next++) & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int length) {
            if (next == end) {
                return -1;
            }
            long sameUntil = Math.min(end, ((next >> 20) + 1) << 20);
            int count = (int) Math.min(length, sameUntil - next);
            Arrays.fill(into, from, from + count, at(next));
            next += count;
            return count;
        }
    }
}
