/**
 * The auditor's command line. It may import {@code io.breakwater.evidence} and picocli.
 */
@NullMarked
package io.breakwater.evidence.cli;

import org.jspecify.annotations.NullMarked;
