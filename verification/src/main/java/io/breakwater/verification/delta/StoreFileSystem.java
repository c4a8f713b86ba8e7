package io.breakwater.verification.delta;

import io.breakwater.region.KernelFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.jspecify.annotations.Nullable;

/**
 * Hadoop's view of an {@link ObjectStore}, for Delta Standalone, which knows no other: for reading only, without S3A.
 * Paths are {@code breakwater://bucket/key}. Public because Hadoop makes it by its name.
 */
public final class StoreFileSystem extends FileSystem {

    private static final String SCHEME = "breakwater";
    private static final String LENT = "breakwater.store";
    /** Hadoop's settings hold only text: they name a store that is lent here. */
    private static final Map<String, ObjectStore> STORES = new ConcurrentHashMap<>();

    private URI root = URI.create(SCHEME + ":///");
    private @Nullable ObjectStore store;

    /** A store that Hadoop can find by these settings until they are closed. */
    record Lent(Configuration settings, String name) implements AutoCloseable {
        @Override
        public void close() {
            STORES.remove(name);
        }
    }

    static Lent lend(ObjectStore store) {
        String name = UUID.randomUUID().toString();
        Configuration settings = new Configuration(false);
        settings.set("fs." + SCHEME + ".impl", StoreFileSystem.class.getName());
        settings.setBoolean("fs." + SCHEME + ".impl.disable.cache", true);
        settings.set(LENT, name);
        STORES.put(name, store);
        return new Lent(settings, name);
    }

    static String location(ObjectUri uri) {
        return SCHEME + "://" + uri.bucket() + "/" + uri.key();
    }

    @Override
    public void initialize(URI name, Configuration conf) throws IOException {
        super.initialize(name, conf);
        setConf(conf);
        root = URI.create(name.getScheme() + "://" + name.getAuthority());
        store = STORES.get(conf.get(LENT, ""));
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public URI getUri() {
        return root;
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
        ObjectInfo info = head(path).orElseThrow(() -> new FileNotFoundException(path.toString()));
        return new FSDataInputStream(new Input(new KernelFiles(store())
                .newInputFile(info.uri().toString(), info.size())
                .newStream()));
    }

    @Override
    public FileStatus[] listStatus(Path folder) throws IOException {
        ObjectUri prefix = uri(folder).resolve("");
        try {
            return store().list(prefix).stream()
                    // Hadoop's own writers leave an empty object that stands for the folder itself.
                    .filter(info -> !info.uri().key().equals(prefix.key()))
                    .filter(info -> info.uri().key().indexOf('/', prefix.key().length()) < 0)
                    .map(info -> status(info, folder))
                    .toArray(FileStatus[]::new);
        } catch (ObjectStoreException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
        Optional<ObjectInfo> info = head(path);
        if (info.isPresent()) {
            return status(info.get(), path.getParent());
        }
        // Only folders of tables and logs are asked for; what is in them is seen when they are listed.
        if (path.getName().equals("_delta_log") || !store().folders(uri(path)).isEmpty()) {
            return new FileStatus(0, true, 1, 1, 0, path);
        }
        throw new FileNotFoundException(path.toString());
    }

    private Optional<ObjectInfo> head(Path path) throws IOException {
        try {
            return store().head(uri(path));
        } catch (ObjectStoreException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private ObjectStore store() throws IOException {
        if (store == null) {
            throw new IOException("the store of " + root + " is no longer lent");
        }
        return store;
    }

    private static ObjectUri uri(Path path) {
        return new ObjectUri(path.toUri().getAuthority(), path.toUri().getPath().substring(1));
    }

    private static FileStatus status(ObjectInfo info, Path folder) {
        String key = info.uri().key();
        return new FileStatus(
                info.size(),
                false,
                1,
                1,
                info.lastModified().toEpochMilli(),
                new Path(folder, key.substring(key.lastIndexOf('/') + 1)));
    }

    @Override
    public void setWorkingDirectory(Path folder) {
        throw readOnly();
    }

    @Override
    public Path getWorkingDirectory() {
        return new Path(root + "/");
    }

    @Override
    public FSDataOutputStream create(
            Path path,
            FsPermission permission,
            boolean overwrite,
            int bufferSize,
            short replication,
            long blockSize,
            @Nullable Progressable progress) {
        throw readOnly();
    }

    @Override
    public FSDataOutputStream append(Path path, int bufferSize, @Nullable Progressable progress) {
        throw readOnly();
    }

    @Override
    public boolean rename(Path from, Path to) {
        throw readOnly();
    }

    @Override
    public boolean delete(Path path, boolean recursive) {
        throw readOnly();
    }

    @Override
    public boolean mkdirs(Path path, FsPermission permission) {
        throw readOnly();
    }

    private static UnsupportedOperationException readOnly() {
        return new UnsupportedOperationException("tables are only read here");
    }

    /** One kind of seekable stream as another. */
    private static final class Input extends FSInputStream {

        private final SeekableInputStream in;

        Input(SeekableInputStream in) {
            this.in = in;
        }

        @Override
        public void seek(long position) throws IOException {
            in.seek(position);
        }

        @Override
        public long getPos() throws IOException {
            return in.getPos();
        }

        @Override
        public boolean seekToNewSource(long target) {
            return false;
        }

        @Override
        public int read() throws IOException {
            return in.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return in.read(into, offset, length);
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
