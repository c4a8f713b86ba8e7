package io.breakwater.local;

import io.breakwater.local.process.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a machine must have before the local platform starts.
 *
 * @param java feature release of the Java that runs this
 * @param memoryMegabytes that processes can still have
 * @param diskMegabytes free where the platform's data will lie
 */
public record Preflight(int java, long memoryMegabytes, long diskMegabytes) {

    static final int JAVA = 17;
    static final long MEMORY_MEGABYTES = 6_144;
    static final long DISK_MEGABYTES = 4_096;

    private static final long MEGABYTE = 1024 * 1024;

    /** Looks at this machine. */
    public static Preflight of(Path directory) {
        return new Preflight(Runtime.version().feature(), availableMemory(), freeDisk(directory));
    }

    /** One line for each thing that is missing, which says what to do. */
    public List<String> wrong(Path directory, Optional<Integer> webPort) {
        List<String> wrong = new ArrayList<>();
        if (java != JAVA) {
            wrong.add("Java " + java + ": too " + (java < JAVA ? "old" : "new") + "; set JAVA_HOME to a JDK " + JAVA);
        }
        if (memoryMegabytes < MEMORY_MEGABYTES) {
            wrong.add("too little memory: " + memoryMegabytes + " MB available, " + MEMORY_MEGABYTES
                    + " MB needed; end other programs");
        }
        if (diskMegabytes < DISK_MEGABYTES) {
            wrong.add("too little disk: " + diskMegabytes + " MB free at " + directory + ", " + DISK_MEGABYTES
                    + " MB needed; make room there");
        }
        webPort.filter(port -> !FreePorts.isFree(port))
                .ifPresent(port -> wrong.add("port " + port
                        + " of 127.0.0.1 is in use; end what listens there (ss -ltnp), or give --port another one"));
        if (directory.toString().matches(".*[\\s:,=].*")) {
            wrong.add("the path " + directory
                    + " has a character that class paths and settings cannot carry; move the project");
        }
        return wrong;
    }

    private static long availableMemory() {
        try {
            return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                    .filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException("the local platform needs Linux: no /proc/meminfo", e);
        }
    }

    private static long freeDisk(Path directory) {
        try {
            return Files.getFileStore(Files.createDirectories(directory)).getUsableSpace() / MEGABYTE;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
