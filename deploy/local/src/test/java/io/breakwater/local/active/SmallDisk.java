package io.breakwater.local.active;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A file system of its own at a folder, small enough to be filled. Only root may mount one; else the test is skipped. */
final class SmallDisk implements AutoCloseable {

    private static final long LIMIT_SECONDS = 30;
    private static final int CHUNK = 64 * 1024;

    private final Path at;
    private final Path filler;

    private SmallDisk(Path at) {
        this.at = at;
        this.filler = at.resolve("filler");
    }

    static SmallDisk mount(Path at, int megabytes) throws IOException {
        Files.createDirectories(at);
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "none", at.toString()))
                .as("exit code of a mount, which only root may do")
                .isZero();
        return new SmallDisk(at);
    }

    private static int run(String... command) throws IOException {
        Process process = new ProcessBuilder(List.of(command)).inheritIO().start();
        assertThat(process.onExit().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join())
                .isEqualTo(process);
        return process.exitValue();
    }

    /** To the last byte. */
    void fill() throws IOException {
        long before = Files.getFileStore(at).getUsableSpace();
        try (OutputStream out = Files.newOutputStream(filler)) {
            byte[] chunk = new byte[CHUNK];
            for (long written = 0; written <= before; written += CHUNK) {
                out.write(chunk);
            }
            throw new IllegalStateException(at + " took more than it had room for");
        } catch (IOException e) {
            assertThat(Files.getFileStore(at).getUsableSpace()).as(e.toString()).isLessThan(CHUNK);
        }
    }

    void free() throws IOException {
        Files.delete(filler);
    }

    /** Also if a process still has a file of it open. */
    @Override
    public void close() throws IOException {
        assertThat(run("umount", "-l", at.toString())).isZero();
    }
}
