package io.breakwater.evidence;

import java.util.List;
import java.util.Optional;

/** The files of a log, wherever they are: paths are relative, with {@code /}. */
public interface LogFiles {

    /** The newest checkpoint of a directory; in an object store only a hint, see {@link #CHECKPOINTS}. */
    String CHECKPOINT = "checkpoint";

    /** Below it, checkpoints by their size, each written once. */
    String CHECKPOINTS = "checkpoints/";

    String TILES = "tile/";

    /** Empty if there is no such file. */
    Optional<byte[]> read(String path);

    /** All files of the log in any order; files that are still being written are not among them. */
    List<String> list();

    /** Where they are, for messages. */
    @Override
    String toString();
}
