package io.breakwater.controller.core;

import java.time.Instant;

/** A person's word that an operation may pass a step. */
public record Approval(String step, String approvedBy, String reason, Instant at) {}
