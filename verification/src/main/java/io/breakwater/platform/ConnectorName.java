package io.breakwater.platform;

/**
 * The name of the connector that carries one kind of asset of a group in one direction: {@code group.kind.from-to}.
 * The controller starts and stops flows by these names and knows nothing else of the replicator.
 */
public record ConnectorName(String group, String kind, Flow flow) {

    /** The prefix-free way to find all connectors of a group and direction. */
    public static boolean belongsTo(String connector, String group, Flow flow) {
        return connector.startsWith(group + ".") && connector.endsWith("." + flow);
    }

    @Override
    public String toString() {
        return group + "." + kind + "." + flow;
    }
}
