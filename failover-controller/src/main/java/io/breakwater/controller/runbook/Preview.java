package io.breakwater.controller.runbook;

import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.GroupState;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Platform;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a step knows in a dry run.
 *
 * @param state as the node has it
 * @param groupState of the group
 * @param flow from the region that would be left to the one that would be promoted
 * @param epoch in which the operation would run
 */
public record Preview(
        Platform platform,
        ControlState state,
        String group,
        GroupState groupState,
        Flow flow,
        Epoch epoch,
        Runbook.Entry entry) {

    /** What the group has of a kind, as the platform file names it; {@code none} if it has nothing. */
    public String assets(String kind) {
        List<AssetSpec> specs = platform.group(group).assets(kind);
        return specs.isEmpty()
                ? "none"
                : specs.stream()
                        .map(spec -> spec.setting("name")
                                .or(() -> spec.setting("pattern"))
                                .orElse(kind))
                        .collect(Collectors.joining(", "));
    }
}
