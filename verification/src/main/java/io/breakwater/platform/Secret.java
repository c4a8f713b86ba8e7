package io.breakwater.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Secrets in settings are references, resolved at the moment of use, so that no record ever prints one:
 * {@code ${env:NAME}} or {@code ${file:/path}} (trailing line ends are cut).
 */
public final class Secret {

    private static final Pattern REFERENCE = Pattern.compile("\\$\\{(env|file):([^}]+)}");

    private Secret() {}

    /** @throws InvalidPlatformException if a variable or file is missing */
    public static String resolve(String text) {
        Matcher matcher = REFERENCE.matcher(text);
        return matcher.replaceAll(match -> Matcher.quoteReplacement(lookup(match.group(1), match.group(2))));
    }

    public static Map<String, String> resolve(Map<String, String> settings) {
        return settings.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, e -> resolve(e.getValue())));
    }

    private static String lookup(String source, String name) {
        if (source.equals("env")) {
            String value = System.getenv(name);
            if (value == null) {
                throw new InvalidPlatformException(List.of("${env:" + name + "}: the variable is not set"));
            }
            return value;
        }
        Path file = Path.of(name);
        if (!Files.isReadable(file)) {
            throw new InvalidPlatformException(List.of("${file:" + name + "}: no such readable file"));
        }
        try {
            return Files.readString(file).stripTrailing();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
