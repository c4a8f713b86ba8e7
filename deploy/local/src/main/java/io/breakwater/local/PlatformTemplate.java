package io.breakwater.local;

import io.breakwater.platform.InvalidPlatformException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A platform file with gaps such as {@code @east.kafka@}, filled in when the local platform knows its ports. */
public final class PlatformTemplate {

    private static final Pattern GAP = Pattern.compile("@([a-z0-9.]+)@");

    private final Path file;
    private final String text;

    private PlatformTemplate(Path file, String text) {
        this.file = file;
        this.text = text;
    }

    /** @throws InvalidPlatformException if there is no such file */
    public static PlatformTemplate read(Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new InvalidPlatformException(List.of(file + ": no such readable platform file"));
        }
        try {
            return new PlatformTemplate(file, Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws InvalidPlatformException if it has a gap that is not among the values */
    public String filled(Map<String, String> values) {
        Matcher matcher = GAP.matcher(text);
        return matcher.replaceAll(match -> {
            String value = values.get(match.group(1));
            if (value == null) {
                throw new InvalidPlatformException(
                        List.of(file + ": " + match.group() + " is not known; known are " + values.keySet()));
            }
            return Matcher.quoteReplacement(value);
        });
    }
}
