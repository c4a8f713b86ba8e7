package io.breakwater.region;

import io.breakwater.region.ObjectStore.ObjectInfo;
import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.defaults.engine.fileio.InputFile;
import io.delta.kernel.defaults.engine.fileio.OutputFile;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Delta Kernel's view of an {@link ObjectStore}, for reading only; paths are {@code s3://bucket/key}. Thread-safe.
 * Give it to {@code DefaultEngine.create}.
 */
public final class KernelFiles implements FileIO {

    private final ObjectStore store;

    public KernelFiles(ObjectStore store) {
        this.store = store;
    }

    /** Files of the path's folder from the path on, itself included. */
    @Override
    public CloseableIterator<FileStatus> listFrom(String path) throws IOException {
        ObjectUri from = ObjectUri.parse(path);
        ObjectUri folder =
                new ObjectUri(from.bucket(), from.key().substring(0, from.key().lastIndexOf('/') + 1));
        // A listing begins after its key: one character less takes the key itself in.
        String before = from.key().substring(0, from.key().length() - 1);
        List<ObjectInfo> found;
        try {
            found = store.list(folder, before);
        } catch (ObjectStoreException e) {
            throw new IOException(e.getMessage(), e);
        }
        Iterator<FileStatus> files = found.stream()
                .filter(info -> info.uri().key().compareTo(from.key()) >= 0
                        && info.uri().key().indexOf('/', folder.key().length()) < 0)
                .map(KernelFiles::status)
                .iterator();
        return Utils.toCloseableIterator(files);
    }

    @Override
    public FileStatus getFileStatus(String path) throws IOException {
        return status(info(path));
    }

    @Override
    public String resolvePath(String path) {
        return path;
    }

    @Override
    public InputFile newInputFile(String path, long size) {
        return new KernelInputFile(store, ObjectUri.parse(path), size);
    }

    @Override
    public Optional<String> getConf(String key) {
        return Optional.empty();
    }

    @Override
    public boolean mkdirs(String path) {
        throw readOnly();
    }

    @Override
    public OutputFile newOutputFile(String path) {
        throw readOnly();
    }

    @Override
    public boolean delete(String path) {
        throw readOnly();
    }

    @Override
    public void copyFileAtomically(String from, String to, boolean overwrite) {
        throw readOnly();
    }

    private ObjectInfo info(String path) throws IOException {
        try {
            return store.head(ObjectUri.parse(path)).orElseThrow(() -> new FileNotFoundException(path));
        } catch (ObjectStoreException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static FileStatus status(ObjectInfo info) {
        return FileStatus.of(
                info.uri().toString(), info.size(), info.lastModified().toEpochMilli());
    }

    private static UnsupportedOperationException readOnly() {
        return new UnsupportedOperationException("tables are only read here");
    }
}
