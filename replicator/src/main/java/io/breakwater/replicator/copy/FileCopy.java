package io.breakwater.replicator.copy;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStream;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;

/** Copies an object that does not fit into memory to a store that takes objects only as a whole. */
record FileCopy(ObjectStore target, Path folder) {

    ObjectComparison.Sent copy(ObjectStream in, ObjectUri to) throws IOException {
        Path file = Files.createTempFile(folder, "breakwater-copy", ".part");
        try {
            MessageDigest md5 = Digests.md5();
            long size = Files.copy(new DigestInputStream(in, md5), file, StandardCopyOption.REPLACE_EXISTING);
            if (size != in.info().size()) {
                throw new IOException("the source sent " + size + " of "
                        + in.info().size() + " bytes of " + in.info().uri());
            }
            return new ObjectComparison.Sent(Digests.hex(md5), target.put(to, file));
        } finally {
            Files.delete(file);
        }
    }
}
