/**
 * The commands of {@code breakwater} that ask a controller node over its REST API.
 * It may import the vocabulary, picocli, and the JDK's HTTP client.
 */
@NullMarked
package io.breakwater.controller.api.cli;

import org.jspecify.annotations.NullMarked;
