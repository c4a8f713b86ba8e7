package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.FenceState;
import io.breakwater.platform.Json;
import java.util.Optional;

/** What is known of the fence of a region that only ACLs close, as the status and explanations have it. */
final class FenceView {

    private FenceView() {}

    /** @param known empty if the region is meant to be open, or nobody has looked at it yet */
    static ObjectNode of(Optional<FenceState> known) {
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("confirmed", known.filter(FenceState::confirmed).isPresent());
        known.ifPresentOrElse(
                fence -> fence.brokers().forEach(json.putArray("brokers")::add), () -> json.putArray("brokers"));
        return json.put("trouble", known.flatMap(FenceState::trouble).orElse(null));
    }
}
