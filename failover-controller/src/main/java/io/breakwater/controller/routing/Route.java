package io.breakwater.controller.routing;

import io.breakwater.platform.Epoch;

/**
 * Where clients of a group should go.
 *
 * @param epoch a target ignores a route with an older epoch than one it has
 * @param bootstrap of the region's Kafka cluster
 */
public record Route(String group, String region, Epoch epoch, String bootstrap) {}
