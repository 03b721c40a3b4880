package io.holdfast.liveness;

import java.util.Locale;

/**
 * What happens when an identity connects that is connected already.
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
