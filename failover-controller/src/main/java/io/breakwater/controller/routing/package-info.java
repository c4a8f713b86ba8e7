/**
 * Where clients of a group are sent after a change of its active region: targets, an open set, and the API's own.
 * It may import the vocabulary and the JDK's HTTP client.
 */
@NullMarked
package io.breakwater.controller.routing;

import org.jspecify.annotations.NullMarked;
