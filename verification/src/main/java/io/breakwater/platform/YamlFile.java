package io.breakwater.platform;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Reads a YAML file as a validated record: unknown, double and missing keys are refused with their path. */
public final class YamlFile {

    /** A key that is missing, or has no value, is refused, unless its type says that it is optional. */
    private static final ObjectMapper MAPPER =
            Json.MAPPER.copy().enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES);

    private static final String MISSING = "Null value for creator property";

    private YamlFile() {}

    /**
     * @param what the file is, for messages: {@code platform file}
     * @throws InvalidPlatformException if the file is missing or wrong; each line names file, path and remedy
     */
    public static <T> T read(Path file, String what, Class<T> type) {
        if (!Files.isReadable(file)) {
            throw new InvalidPlatformException(List.of(file + ": no such readable " + what));
        }
        Object tree;
        try {
            tree = yaml().load(Files.readString(file));
        } catch (YAMLException e) {
            throw new InvalidPlatformException(List.of(file + ": not YAML: " + onOneLine(e)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            return MAPPER.convertValue(tree == null ? Map.of() : tree, type);
        } catch (IllegalArgumentException e) {
            throw new InvalidPlatformException(explain(file, e));
        }
    }

    private static Yaml yaml() {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        return new Yaml(new SafeConstructor(options));
    }

    private static List<String> explain(Path file, IllegalArgumentException e) {
        Throwable cause = e;
        String at = "";
        String deepest = "";
        while (cause.getCause() != null) {
            cause = cause.getCause();
            if (cause instanceof JsonMappingException mapping
                    && !mapping.getPath().isEmpty()) {
                deepest = path(mapping);
                at = deepest + ": ";
            }
        }
        if (cause instanceof InvalidPlatformException invalid) {
            String within = deepest;
            return invalid.wrong().stream()
                    .map(line -> file + ": " + parents(within, line) + line)
                    .toList();
        }
        if (cause instanceof UnrecognizedPropertyException unknown) {
            return List.of(file + ": " + at + "unknown key; known are " + unknown.getKnownPropertyIds());
        }
        String what = cause instanceof JsonProcessingException json ? json.getOriginalMessage() : cause.getMessage();
        if (what != null && what.startsWith(MISSING)) {
            return List.of(file + ": " + at + "is missing, or has no value");
        }
        return List.of(file + ": " + at + (what == null ? cause.toString() : what));
    }

    /** A record that is wrong names its own key first; what stands above that, only the file's tree knows. */
    private static String parents(String path, String line) {
        String key = line.split("[.:\\[ ]", 2)[0];
        List<String> above = new ArrayList<>(List.of(path.split("\\.")));
        while (!above.isEmpty()) {
            String last = above.remove(above.size() - 1);
            if (last.replaceFirst("\\[.*", "").equals(key)) {
                return above.isEmpty() ? "" : String.join(".", above) + ".";
            }
        }
        return "";
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(part -> part.getFieldName() == null ? "[" + part.getIndex() + "]" : "." + part.getFieldName())
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
    }

    private static String onOneLine(YAMLException e) {
        return String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " ");
    }
}
