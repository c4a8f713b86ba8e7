package io.breakwater.region.fork;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectStream;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ServerSideCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** A copy of an object in its own store, of any size: by the store itself where it can, else through a local file. */
final class CopyAside {

    private CopyAside() {}

    /**
     * @return false if it is gone
     * @throws ObjectStoreException if the store fails, or has not all of it afterwards
     */
    static boolean copy(ObjectStore store, ObjectInfo object, ObjectUri to) throws IOException {
        Optional<ServerSideCopy> byStore = store.bulk().copiesFrom(store);
        if (byStore.isPresent()) {
            byStore.get().copy(object, to);
        } else if (!throughFile(store, object.uri(), to)) {
            return false;
        }
        Optional<ObjectInfo> there = store.head(to);
        if (there.filter(info -> info.size() == object.size()).isEmpty()) {
            throw new ObjectStoreException(
                    ObjectStoreException.Reason.REFUSED, to + " did not arrive: it is " + there, null);
        }
        return true;
    }

    private static boolean throughFile(ObjectStore store, ObjectUri object, ObjectUri to) throws IOException {
        Path local = Files.createTempFile("breakwater-aside", ".part");
        try (ObjectStream in = store.open(object).orElse(null)) {
            if (in == null) {
                return false;
            }
            Files.copy(in, local, StandardCopyOption.REPLACE_EXISTING);
            store.put(to, local);
            return true;
        } finally {
            Files.delete(local);
        }
    }
}
