package io.holdfast.protocol;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * The objection of a record to one of its values. Records know neither where their
 * settings stand nor Boot, so they throw {@link IllegalArgumentException} with a message
 * of the form {@code key is value; must be right}, or with the reason before the
 * semicolon.
 *
 * @param key the key below the record, null if the message has another form
 * @param value what was refused
 * @param right what would be right, or the whole message
 */
public record Refusal(@Nullable String key, @Nullable String value, String right) {

	private static final Pattern FORM = Pattern
		.compile("(?<key>[a-z-]+) is (?=.*; )(?<value>[^ ,;]+)[,;]? (?<right>.*)");

	/**
	 * Understands a record's exception.
	 * @param exception thrown by its constructor
	 * @return what it says
	 */
	public static Refusal of(IllegalArgumentException exception) {
		String message = String.valueOf(exception.getMessage());
		Matcher form = FORM.matcher(message);
		return form.matches() ? new Refusal(form.group("key"), form.group("value"), form.group("right"))
				: new Refusal(null, null, "cannot work: " + message);
	}

	/**
	 * Says it with the whole key.
	 * @param prefix key of the record
	 * @return to be thrown
	 */
	public InvalidConfigurationPropertyValueException below(String prefix) {
		return new InvalidConfigurationPropertyValueException((this.key != null) ? prefix + "." + this.key : prefix,
				this.value, this.right);
	}

}
