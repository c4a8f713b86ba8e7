package io.breakwater.local.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** The peak of the summed resident memory of processes, sampled every second from {@code /proc}. */
public final class ResidentMemory implements AutoCloseable {

    private final AtomicLong peakKilobytes = new AtomicLong();
    private final Supplier<List<Long>> pids;
    private final Thread sampler = new Thread(this::run, "resident-memory");

    /** @param pids the processes that live now; asked before each sample */
    public ResidentMemory(Supplier<List<Long>> pids) {
        this.pids = pids;
        sampler.setDaemon(true);
        sampler.start();
    }

    public long peakMegabytes() {
        return peakKilobytes.get() / 1024;
    }

    private void run() {
        try {
            while (true) {
                long sum =
                        pids.get().stream().mapToLong(ResidentMemory::kilobytes).sum();
                peakKilobytes.accumulateAndGet(sum, Math::max);
                TimeUnit.SECONDS.sleep(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private static long kilobytes(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (NoSuchFileException e) {
            return 0; // it ended since it was listed
        } catch (IOException e) {
            return 0; // likewise: the kernel answers "no such process" while reading
        }
    }

    @Override
    public void close() {
        sampler.interrupt();
    }
}
