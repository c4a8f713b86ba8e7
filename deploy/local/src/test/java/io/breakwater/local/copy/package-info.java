/**
 * The copier between real S3 servers, with faults on the way.
 * It may import everything.
 */
@NullMarked
package io.breakwater.local.copy;

import org.jspecify.annotations.NullMarked;
