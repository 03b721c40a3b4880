package io.holdfast.transport;

import java.util.Locale;

/**
 * A reason for which a port accepts no connections for a while. Connects wait in the
 * kernel's backlog meanwhile. A port accepts while none of these is set.
 */
public enum Hold {

	/** An operator has paused the listener. Set for one port. */
	PAUSED,

	/** The system could not accept a connection and is asked again. Set for one port. */
	FAILING,

	/** The free file descriptors are kept for links and management. Set for all ports. */
	DESCRIPTORS,

	/** Connections hold nearly all the memory that they may. Set for all ports. */
	MEMORY;

	/**
	 * The name in endpoints.
	 * @return the hold in lower case
	 */
	public String text() {
		return name().toLowerCase(Locale.ROOT);
	}

}
