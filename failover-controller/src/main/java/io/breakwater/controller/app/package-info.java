/**
 * Wiring of a controller node, and the port through which its other parts read and change the control state.
 * It may import everything of the controller; of it, others import only {@link ControlPlane}.
 */
@NullMarked
package io.breakwater.controller.app;

import org.jspecify.annotations.NullMarked;
