package io.holdfast.actuate;

import java.util.List;

/**
 * All listeners.
 *
 * @param listeners each of them, by name
 */
public record ListenersView(List<ListenerView> listeners) {

}
