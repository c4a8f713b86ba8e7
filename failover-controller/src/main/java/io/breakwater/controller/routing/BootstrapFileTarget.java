package io.breakwater.controller.routing;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;

/**
 * A properties file that Kafka clients, or whatever starts them, read: {@code bootstrap.servers} with group, region and
 * epoch. A reader sees the old file or the new one, never a part: it is written beside, made durable, renamed, and read
 * back.
 */
public final class BootstrapFileTarget implements RouteTarget {

    private static final String BOOTSTRAP = "bootstrap.servers";
    private static final String GROUP = "breakwater.group";
    private static final String REGION = "breakwater.region";
    private static final String EPOCH = "breakwater.epoch";

    private final Path file;

    public BootstrapFileTarget(Path file) {
        this.file = file;
    }

    @Override
    public String id() {
        return "bootstrap-file";
    }

    @Override
    public Outcome point(Route route) {
        try {
            Properties wanted = properties(route);
            Properties present = read();
            long epoch = epoch(present);
            if (epoch > route.epoch().number()) {
                return new Outcome.NotPointed(
                        file + " has a route of epoch " + epoch + ", newer than " + route.epoch());
            }
            if (!wanted.equals(present)) {
                write(wanted);
            }
            return read().equals(wanted)
                    ? new Outcome.Pointed(file + " names " + route.bootstrap())
                    : new Outcome.NotPointed(file + " does not have what was written: does something else write it?");
        } catch (IOException | UncheckedIOException e) {
            return new Outcome.NotPointed(file + " cannot be written or read: " + e.getMessage());
        }
    }

    private static Properties properties(Route route) {
        Properties properties = new Properties();
        properties.setProperty(BOOTSTRAP, route.bootstrap());
        properties.setProperty(GROUP, route.group());
        properties.setProperty(REGION, route.region());
        properties.setProperty(EPOCH, route.epoch().toString());
        return properties;
    }

    private Properties read() throws IOException {
        Properties properties = new Properties();
        if (Files.exists(file)) {
            properties.load(new StringReader(Files.readString(file)));
        }
        return properties;
    }

    /** 0 for a file that is not ours, or not there. */
    private static long epoch(Properties properties) {
        String epoch = properties.getProperty(EPOCH, "0");
        return epoch.matches("[0-9]{1,18}") ? Long.parseLong(epoch) : 0;
    }

    private void write(Properties properties) throws IOException {
        StringWriter text = new StringWriter();
        properties.store(text, "Where clients of the group go now; written by Breakwater at each change.");
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                beside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
