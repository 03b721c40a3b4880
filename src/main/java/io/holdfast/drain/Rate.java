package io.holdfast.drain;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * How many of something there may be in a second.
 *
 * @param perSecond from 1 to 1000000
 */
public record Rate(int perSecond) {

	private static final Pattern FORM = Pattern.compile("(\\d{1,7})/s");

	private static final int LARGEST = 1_000_000;

	/**
	 * Reads the form that settings have. Boot finds this method by its name.
	 * @param text such as 500/s
	 * @return the rate
	 * @throws InvalidConfigurationPropertyValueException if it is anything else
	 */
	public static Rate of(String text) {
		Matcher form = FORM.matcher(text.strip());
		int perSecond = form.matches() ? Integer.parseInt(form.group(1)) : 0;
		if (perSecond < 1 || perSecond > LARGEST) {
			throw new InvalidConfigurationPropertyValueException("rate", text,
					"is no rate; give how many in a second, from 1/s to 1000000/s, such as 500/s");
		}
		return new Rate(perSecond);
	}

	@Override
	public String toString() {
		return this.perSecond + "/s";
	}

}
