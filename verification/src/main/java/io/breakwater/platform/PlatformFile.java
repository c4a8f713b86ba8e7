package io.breakwater.platform;

import java.nio.file.Path;

/** Reads the platform file: YAML; unknown keys and missing ones are refused with their path. */
public final class PlatformFile {

    private PlatformFile() {}

    /** @throws InvalidPlatformException if the file is missing or wrong; each line names file, path and remedy */
    public static Platform load(Path file) {
        return YamlFile.read(file, "platform file", Platform.class);
    }
}
