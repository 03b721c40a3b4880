package io.holdfast.drain;

import java.util.Map;

import io.holdfast.connection.ConnectionInfo;
import org.jspecify.annotations.Nullable;

/**
 * What a client is sent at last, by the listener that accepted it.
 */
public final class Goodbyes {

	private final Map<String, byte[]> byListener;

	/**
	 * Keeps the contents of the last frames.
	 * @param byListener by the listener's name; those whose protocol has none are left
	 * out
	 */
	public Goodbyes(Map<String, byte[]> byListener) {
		this.byListener = Map.copyOf(byListener);
	}

	byte @Nullable [] of(ConnectionInfo connection) {
		return this.byListener.get(connection.listener());
	}

}
