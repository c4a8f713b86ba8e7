package io.breakwater.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.InvalidPlatformException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlatformTemplateTest {

    @TempDir
    private Path directory;

    @Test
    void fillsItsGaps() throws IOException {
        assertThat(template("kafka: \"@east.kafka@\", secret: ${file:@secrets@/a}")
                        .filled(Map.of("east.kafka", "127.0.0.1:1", "secrets", "/s$1")))
                .isEqualTo("kafka: \"127.0.0.1:1\", secret: ${file:/s$1/a}");
    }

    @Test
    void refusesAGapThatItDoesNotKnow() throws IOException {
        PlatformTemplate template = template("@north.kafka@");

        assertThatThrownBy(() -> template.filled(Map.of("east.kafka", "127.0.0.1:1")))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("@north.kafka@ is not known; known are [east.kafka]");
    }

    @Test
    void refusesAMissingFile() {
        assertThatThrownBy(() -> PlatformTemplate.read(directory.resolve("none.yaml")))
                .isInstanceOf(InvalidPlatformException.class)
                .hasMessageContaining("none.yaml: no such readable platform file");
    }

    private PlatformTemplate template(String text) throws IOException {
        return PlatformTemplate.read(Files.writeString(directory.resolve("platform.yaml"), text));
    }
}
