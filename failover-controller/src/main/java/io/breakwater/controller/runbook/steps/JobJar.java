package io.breakwater.controller.runbook.steps;

import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Jar;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStream;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RestAnswer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** Brings a job's jar from the region's object store into its Flink cluster, once for each content of it. */
final class JobJar {

    private final FlinkRest flink;
    private final ObjectStore store;

    JobJar(FlinkRest flink, ObjectStore store) {
        this.flink = flink;
        this.store = store;
    }

    /** @return the id to run it by; {@link RestAnswer.Refused} with status 404 if the store has no such jar */
    RestAnswer<String> uploaded(String job, ObjectUri jar) throws InterruptedException {
        Optional<ObjectInfo> info = store.head(jar);
        if (info.isEmpty()) {
            return new RestAnswer.Refused<>(404, "jar " + jar + " is not in the object store");
        }
        String name = job + "-" + info.get().etag() + ".jar";
        RestAnswer<Optional<String>> known = flink.jars()
                .map(jars -> jars.stream()
                        .filter(uploaded -> uploaded.name().equals(name))
                        .map(Jar::id)
                        .findFirst());
        if (known.ifOk().isPresent() && known.ifOk().get().isEmpty()) {
            return upload(name, jar);
        }
        return known.map(Optional::orElseThrow);
    }

    private RestAnswer<String> upload(String name, ObjectUri jar) throws InterruptedException {
        try {
            Path directory = Files.createTempDirectory("breakwater-jar");
            Path file = directory.resolve(name);
            try (ObjectStream in =
                    store.open(jar).orElseThrow(() -> new IOException("jar " + jar + " was deleted just now"))) {
                Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
                return flink.upload(file);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("jar " + jar + " could not be brought to Flink", e);
        }
    }
}
