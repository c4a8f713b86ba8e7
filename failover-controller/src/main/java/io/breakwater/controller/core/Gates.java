package io.breakwater.controller.core;

/** Which classes of writers the active region may let through. */
public record Gates(boolean ingress, boolean pipeline) {

    public static final Gates OPEN = new Gates(true, true);
    public static final Gates CLOSED = new Gates(false, false);

    public boolean isOpen(Gate gate) {
        return gate == Gate.ingress ? ingress : pipeline;
    }

    Gates opened(Gate gate) {
        return new Gates(ingress || gate == Gate.ingress, pipeline || gate == Gate.pipeline);
    }
}
