package io.breakwater.evidence;

/** Files that a log is written to. */
interface LogStorage extends LogFiles, AutoCloseable {

    /** Returns only when the file, its name and its bytes, survives a loss of power; replaces what stood there. */
    void write(String path, byte[] bytes);

    void delete(String path);

    @Override
    void close();
}
