package io.breakwater.platform;

import java.time.Duration;

/** What a group is measured against. */
public record Objectives(Duration rto, Duration rpo) {}
