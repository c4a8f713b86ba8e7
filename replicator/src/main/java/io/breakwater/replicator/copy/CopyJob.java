package io.breakwater.replicator.copy;

import io.breakwater.region.ObjectUri;
import java.util.OptionalLong;

/**
 * One object to be copied.
 *
 * @param size in bytes, if whoever names the object knows it: then the source must have just that many
 */
public record CopyJob(ObjectUri from, ObjectUri to, OptionalLong size) {}
