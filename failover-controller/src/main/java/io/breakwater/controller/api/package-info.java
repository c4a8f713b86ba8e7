/**
 * The REST API of a controller node after its contract {@code openapi.yaml}, events, metrics and the page.
 * It reads and changes the control state only through {@code ControlPlane}; it may import {@code core}, {@code signal},
 * the vocabulary, Vert.x and the Prometheus client.
 */
@NullMarked
package io.breakwater.controller.api;

import org.jspecify.annotations.NullMarked;
