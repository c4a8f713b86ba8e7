package io.breakwater.controller.core;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** How a step, or a whole operation, ended. */
@JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "result")
@JsonSubTypes({@JsonSubTypes.Type(StepResult.Succeeded.class), @JsonSubTypes.Type(StepResult.Failed.class)})
public sealed interface StepResult {

    record Succeeded() implements StepResult {}

    record Failed(String reason) implements StepResult {}
}
