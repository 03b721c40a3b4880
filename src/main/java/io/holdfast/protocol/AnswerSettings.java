package io.holdfast.protocol;

import java.util.List;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Settings of one kind of heartbeat that peers send, and of what they get for it.
 *
 * @param match what such a heartbeat begins with; required
 * @param reply content of the frame that answers it; required
 * @param copy bytes of the heartbeat that the reply repeats
 */
public record AnswerSettings(PatternSettings match, BytesSettings reply, @DefaultValue List<CopySettings> copy) {

	public AnswerSettings {
		if (match == null) {
			throw new InvalidConfigurationPropertyValueException("match.hex", null,
					"is missing; give what the peer's heartbeat begins with, such as \"02ff\"");
		}
		if (reply == null) {
			throw new InvalidConfigurationPropertyValueException("reply.hex", null,
					"is missing; give what the heartbeat is answered with, such as \"03ff\"");
		}
		copy = List.copyOf(copy);
	}

}
