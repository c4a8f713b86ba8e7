package io.breakwater.evidence;

import java.util.List;
import java.util.Optional;

/** A directory whose process dies at its n-th write or deletion: that one and all later ones do not happen. */
final class CrashingStorage implements LogStorage {

    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final LogStorage storage;
    private int changesLeft;

    CrashingStorage(LogStorage storage, int changesLeft) {
        this.storage = storage;
        this.changesLeft = changesLeft;
    }

    /** From now on every change happens. */
    void recover() {
        changesLeft = Integer.MAX_VALUE;
    }

    private void change() {
        if (changesLeft-- <= 0) {
            throw new Crash();
        }
    }

    @Override
    public Optional<byte[]> read(String path) {
        return storage.read(path);
    }

    @Override
    public List<String> list() {
        return storage.list();
    }

    @Override
    public void write(String path, byte[] bytes) {
        change();
        storage.write(path, bytes);
    }

    @Override
    public void delete(String path) {
        change();
        storage.delete(path);
    }

    @Override
    public void close() {
        storage.close();
    }

    @Override
    public String toString() {
        return storage.toString();
    }
}
