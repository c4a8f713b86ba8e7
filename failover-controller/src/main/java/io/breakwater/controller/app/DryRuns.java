package io.breakwater.controller.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.api.RunbookPreview;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.runbook.DryRun;
import io.breakwater.controller.runbook.Runbook;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Json;
import java.util.List;

/** Dry runs as the API asks for them. */
final class DryRuns implements RunbookPreview {

    private final DryRun dryRun;

    DryRuns(DryRun dryRun) {
        this.dryRun = dryRun;
    }

    @Override
    public JsonNode of(String group, JsonNode runbook, ControlState state) {
        Runbook read;
        try {
            read = Json.MAPPER.treeToValue(runbook, Runbook.class);
        } catch (JsonProcessingException e) {
            throw new InvalidPlatformException(List.of(e.getOriginalMessage()));
        }
        return Json.MAPPER.valueToTree(dryRun.of(read, group, state));
    }
}
