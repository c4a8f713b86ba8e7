package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.core.ControlState;
import io.breakwater.platform.InvalidPlatformException;

/** What a runbook would do now. */
@FunctionalInterface
public interface RunbookPreview {

    /**
     * @param runbook as its file has it
     * @return an array with one object for each step
     * @throws InvalidPlatformException if the runbook is wrong; each line names the place
     */
    JsonNode of(String group, JsonNode runbook, ControlState state);
}
