package io.holdfast.connection;

import java.util.Locale;

/**
 * Where a connection stands in its life.
 */
public enum ConnectionState {

	/** No whole frame has come yet. */
	HANDSHAKING,

	/** The peer has been heard of lately, or nobody asks it for signs of life. */
	ALIVE,

	/** No byte has come for the heartbeat interval or longer. */
	SILENT,

	/** On its way to leave: no new frame is taken. */
	DRAINING;

	/**
	 * The name in endpoints.
	 * @return the state in lower case
	 */
	public String text() {
		return name().toLowerCase(Locale.ROOT);
	}

}
