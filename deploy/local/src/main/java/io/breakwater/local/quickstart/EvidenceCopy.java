package io.breakwater.local.quickstart;

import io.breakwater.local.LocalPlatform;
import io.breakwater.local.process.ServerFailedException;
import io.breakwater.local.process.ServerProcess;
import io.breakwater.local.server.BreakwaterServer;
import io.breakwater.local.server.ProjectLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** A copy of a node's evidence log that stays when the platform is gone, verified by {@code breakwater audit}. */
final class EvidenceCopy {

    private static final Duration AUDIT_LIMIT = Duration.ofMinutes(1);
    private static final int ATTEMPTS = 5;

    /**
     * @param size number of entries that the checkpoint covers
     * @param root as in the checkpoint, base64
     * @param verdict what {@code audit verify} said
     */
    record Audited(Path directory, Path vkeyFile, long size, String root, boolean verified, String verdict) {}

    private final ProjectLayout layout;
    private final Path parent;
    private final Path directory;
    private final Path vkeyFile;

    /** @param parent where folder {@code evidence} and file {@code evidence.vkey} go */
    EvidenceCopy(ProjectLayout layout, Path parent) {
        this.layout = layout;
        this.parent = parent;
        this.directory = parent.resolve("evidence");
        this.vkeyFile = parent.resolve("evidence.vkey");
    }

    /** Copies the log of a node that runs: it may write meanwhile, so a copy that does not verify is made again. */
    Audited take(LocalPlatform platform, String node) throws InterruptedException {
        Path log = platform.controllerData(node).resolve("evidence");
        Audited audited = notVerified("nothing copied");
        for (int attempt = 1; attempt <= ATTEMPTS && !audited.verified(); attempt++) {
            try {
                Directories.delete(directory);
                copy(log, directory);
                Files.copy(platform.files().verifierKey(), vkeyFile, StandardCopyOption.REPLACE_EXISTING);
                audited = audit();
            } catch (NoSuchFileException e) {
                audited = notVerified("gone while it was copied: " + e.getFile());
            } catch (IOException | UncheckedIOException e) {
                throw new StoryFailedException("copying the evidence log " + log + ": " + e, e);
            }
        }
        return audited;
    }

    private Audited notVerified(String why) {
        return new Audited(directory, vkeyFile, 0, "", false, why);
    }

    private Audited audit() throws InterruptedException, IOException {
        List<String> checkpoint = Files.readAllLines(directory.resolve("checkpoint"));
        long size = Long.parseLong(checkpoint.get(1));
        String root = checkpoint.get(2);
        try {
            ServerProcess.run(
                    BreakwaterServer.launch(
                            layout,
                            "audit-verify",
                            parent,
                            "128m",
                            List.of("audit", "verify", directory.toString(), "--vkey-file", vkeyFile.toString())),
                    AUDIT_LIMIT);
            return new Audited(directory, vkeyFile, size, root, true, "breakwater audit verify: " + size + " entries");
        } catch (ServerFailedException e) {
            return new Audited(directory, vkeyFile, size, root, false, String.valueOf(e.getMessage()));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> tree = Files.walk(from)) {
            files = tree.filter(Files::isRegularFile).toList();
        } catch (UncheckedIOException e) { // how a walk tells that something is gone
            throw Objects.requireNonNull(e.getCause());
        }
        for (Path file : files) {
            Path copy = to.resolve(from.relativize(file).toString());
            Files.createDirectories(copy.getParent());
            Files.copy(file, copy);
        }
    }
}
