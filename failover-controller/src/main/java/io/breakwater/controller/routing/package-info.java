/**
 * Where clients of a group are sent after a change of its active region: targets, an open set, and the API's own.
 * It may import the vocabulary, the JDK's HTTP client and AWS' client of Route 53.
 */
@NullMarked
package io.breakwater.controller.routing;

import org.jspecify.annotations.NullMarked;
