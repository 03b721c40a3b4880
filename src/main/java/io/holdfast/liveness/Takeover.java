package io.holdfast.liveness;

import java.util.Locale;

/**
 * The choice of the connection that stays when an identity connects a second time.
 */
public enum Takeover {

	/** The older connection is closed, as taken-over. */
	CLOSE_OLD,

	/** The newer connection is closed, as identity-in-use. */
	REFUSE_NEW;

	/**
	 * The name in settings.
	 * @return the value in kebab case
	 */
	public String text() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
