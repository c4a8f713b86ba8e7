package io.breakwater.platform;

import java.net.URI;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A question to a Prometheus server about a region.
 *
 * @param name unique in the region, in the form of {@code write-errors}
 * @param url of the server, without {@code /api/v1}
 * @param query an instant query
 * @param unhealthyIf a comparison such as {@code > 0.05}: the region is unhealthy if any sample is so
 */
public record PromqlQuery(String name, URI url, String query, String unhealthyIf) {

    private static final Pattern NAME = Pattern.compile("[a-z]+(-[a-z]+)*");
    private static final Pattern COMPARISON =
            Pattern.compile("\\s*(>=|<=|==|!=|>|<)\\s*(-?[0-9]+(?:\\.[0-9]+)?(?:[eE]-?[0-9]+)?)\\s*");

    public PromqlQuery {
        if (!NAME.matcher(name).matches()) {
            throw new InvalidPlatformException(
                    List.of("signals.promql.name: '" + name + "'; words of a to z with - between them are needed"));
        }
        if (url.getHost() == null) {
            throw new InvalidPlatformException(
                    List.of("signals.promql." + name + ".url: '" + url + "'; http://host:port is needed"));
        }
        if (query.isBlank()) {
            throw new InvalidPlatformException(List.of("signals.promql." + name + ".query: is empty"));
        }
        if (!COMPARISON.matcher(unhealthyIf).matches()) {
            throw new InvalidPlatformException(List.of("signals.promql." + name + ".unhealthyIf: '" + unhealthyIf
                    + "'; one of > >= < <= == != and a number are needed, such as '> 0.05'"));
        }
    }

    /** Whether a sample of this value means that the region is unhealthy. */
    public boolean isUnhealthy(double value) {
        Matcher matcher = COMPARISON.matcher(unhealthyIf);
        if (!matcher.matches()) {
            throw new IllegalStateException("no comparison: " + unhealthyIf);
        }
        int order = Double.compare(value, Double.parseDouble(matcher.group(2)));
        return switch (matcher.group(1)) {
            case ">" -> order > 0;
            case ">=" -> order >= 0;
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case "==" -> order == 0;
            default -> order != 0;
        };
    }
}
