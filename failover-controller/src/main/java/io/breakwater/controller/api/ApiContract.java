package io.breakwater.controller.api;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The published contract, and what the router is built from. */
final class ApiContract {

    static final String PROBLEM_TYPE = "application/problem+json";

    private static final String RESOURCE = "/openapi.yaml";

    private ApiContract() {}

    /** The file as it is published. */
    static String text() {
        return Resources.text(RESOURCE);
    }

    /**
     * For the router, which refuses to load media types that it cannot check and servers without a host: in memory,
     * problems are plain JSON and no server is named.
     */
    static JsonObject forRouter() {
        Map<?, ?> tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(text());
        Map<String, Object> contract = plain(tree);
        contract.remove("servers");
        return new JsonObject(contract);
    }

    private static Map<String, Object> plain(Map<?, ?> tree) {
        Map<String, Object> copy = new LinkedHashMap<>();
        tree.forEach((key, value) -> {
            String name = key.equals(PROBLEM_TYPE) ? "application/json" : String.valueOf(key);
            copy.put(name, plainValue(value));
        });
        return copy;
    }

    private static Object plainValue(Object value) {
        if (value instanceof Map<?, ?> map) {
            return plain(map);
        }
        if (value instanceof Collection<?> list) {
            return List.copyOf(list.stream().map(ApiContract::plainValue).toList());
        }
        return value;
    }

    /** Files that are part of this module. */
    static final class Resources {

        private Resources() {}

        static String text(String path) {
            try (InputStream in = ApiContract.class.getResourceAsStream(path)) {
                if (in == null) {
                    throw new IllegalStateException("the distribution is incomplete: " + path + " is missing");
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
