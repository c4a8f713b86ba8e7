package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** A place outside of Breakwater that tells a group's clients where to go; pointed after each change. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = RouteSpec.Webhook.class, name = "webhook"),
    @JsonSubTypes.Type(value = RouteSpec.BootstrapFile.class, name = "bootstrap-file"),
    @JsonSubTypes.Type(value = RouteSpec.Route53.class, name = "route53")
})
public sealed interface RouteSpec {

    /**
     * A POST of the route as JSON, then a GET of the same address that must answer the same route.
     *
     * @param authorization the whole header, as a {@link Secret} reference
     */
    record Webhook(URI url, Optional<String> authorization) implements RouteSpec {
        public Webhook {
            if (url.getHost() == null) {
                throw new InvalidPlatformException(
                        List.of("routes: webhook.url '" + url + "'; http://host:port/path is needed"));
            }
        }
    }

    /** A properties file with {@code bootstrap.servers}, on the machine of each controller node. */
    record BootstrapFile(Path path) implements RouteSpec {
        public BootstrapFile {
            if (!path.isAbsolute()) {
                throw new InvalidPlatformException(List.of("routes: bootstrap-file.path '" + path
                        + "'; an absolute path is needed, it is the same on each node"));
            }
        }
    }

    /**
     * A record set of a hosted zone of Amazon Route 53. Beside it stands a TXT record {@code _breakwater.<name>} with
     * the epoch.
     *
     * @param zone id of the hosted zone
     * @param name of the record, with the dot at its end
     * @param type {@code A}, {@code AAAA} or {@code CNAME}
     * @param ttl in seconds, 1 to 3600: clients go to the old region for so long
     * @param values by region
     * @param endpoint of a server other than AWS
     */
    record Route53(
            String zone,
            String name,
            String type,
            int ttl,
            SortedMap<String, List<String>> values,
            Optional<URI> endpoint)
            implements RouteSpec {

        private static final Set<String> TYPES = Set.of("A", "AAAA", "CNAME");
        private static final int MAX_TTL = 3600;

        public Route53 {
            values = new TreeMap<>(values);
            if (!name.endsWith(".")) {
                throw wrong("name '" + name + "'; a dot at its end is needed");
            }
            if (!TYPES.contains(type)) {
                throw wrong("type '" + type + "'; there are A, AAAA and CNAME");
            }
            if (ttl < 1 || ttl > MAX_TTL) {
                throw wrong("ttl " + ttl + "; 1 to " + MAX_TTL + " seconds, clients go to the old region for so long");
            }
            for (Map.Entry<String, List<String>> of : values.entrySet()) {
                if (of.getValue().isEmpty()
                        || (type.equals("CNAME") && of.getValue().size() != 1)) {
                    throw wrong("values." + of.getKey() + " has "
                            + of.getValue().size() + " values; at least one, of a CNAME exactly one, is needed");
                }
            }
        }

        private static InvalidPlatformException wrong(String what) {
            return new InvalidPlatformException(List.of("routes: route53." + what));
        }
    }
}
