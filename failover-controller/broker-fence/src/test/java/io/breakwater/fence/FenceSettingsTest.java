package io.breakwater.fence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FenceSettingsTest {

    @TempDir
    private Path dir;

    private final Map<String, Object> properties = new HashMap<>();

    @BeforeEach
    void properties() throws IOException {
        Path token = Files.writeString(dir.resolve("token"), "abc\n");
        properties.putAll(Map.of(
                "breakwater.region", "east",
                "breakwater.broker", "east-1",
                "breakwater.controllers", "http://127.0.0.1:1/, http://127.0.0.1:2",
                "breakwater.token.file", token.toString(),
                "breakwater.exempt.principals", "User:connect,User:mirror",
                "super.users", "User:admin;User:root",
                "broker.id", "1"));
    }

    @Test
    void readsTheProperties() throws IOException {
        FenceSettings settings = FenceSettings.from(properties);

        assertThat(settings.controllers())
                .containsExactly(URI.create("http://127.0.0.1:1"), URI.create("http://127.0.0.1:2"));
        assertThat(settings.token()).isEqualTo("abc");
        assertThat(settings.exempt())
                .containsExactlyInAnyOrder("User:connect", "User:mirror", "User:admin", "User:root");
        assertThat(settings.pullInterval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.pullTimeout()).isEqualTo(Duration.ofMillis(800));
    }

    @Test
    void refusesToStartWithoutARegion() {
        properties.remove("breakwater.region");

        assertThatThrownBy(() -> FenceSettings.from(properties))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("breakwater.region");
    }

    @Test
    void refusesToStartWithoutATokenFile() {
        properties.put("breakwater.token.file", dir.resolve("none").toString());

        assertThatThrownBy(() -> FenceSettings.from(properties))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("breakwater.token.file");
    }

    @Test
    void refusesAControllerThatIsNoUrl() {
        properties.put("breakwater.controllers", "127.0.0.1:8080");

        assertThatThrownBy(() -> FenceSettings.from(properties))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("expected http://host:port");
    }
}
