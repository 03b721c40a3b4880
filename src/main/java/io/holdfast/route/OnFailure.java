package io.holdfast.route;

import java.util.Locale;

import io.holdfast.protocol.BytesSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.ConstructorBinding;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Settings of what a client gets in place of a reply that does not come. Either one word,
 * {@code close} or {@code drop}, or a map with the reply.
 *
 * @param action what is done
 * @param reply what is sent; given for a reply, and only then
 */
public record OnFailure(Action action, @Nullable BytesSettings reply) {

	public OnFailure {
		if ((action == Action.REPLY) != (reply != null)) {
			throw new IllegalArgumentException("a reply is for the action reply, and only for that");
		}
		if (reply != null) {
			reply.requireSome("reply");
		}
	}

	/**
	 * The form that is a map.
	 * @param reply what the client is sent
	 */
	@ConstructorBinding
	public OnFailure(BytesSettings reply) {
		this(Action.REPLY, reply);
	}

	/**
	 * The form that is one word. Boot finds this method by its name.
	 * @param action close or drop
	 * @return what is done
	 * @throws InvalidConfigurationPropertyValueException if it is another word
	 */
	public static OnFailure of(String action) {
		return switch (action.strip().toLowerCase(Locale.ROOT)) {
			case "close" -> new OnFailure(Action.CLOSE, null);
			case "drop" -> new OnFailure(Action.DROP, null);
			default -> throw new InvalidConfigurationPropertyValueException("on-failure", action,
					"is no choice here; known are close, drop, and reply with hex or text below it");
		};
	}

	/**
	 * The content that the client is sent, in an array of the caller's own; empty unless
	 * the action is a reply.
	 */
	public byte[] replyBytes() {
		return (this.reply != null) ? this.reply.bytes() : new byte[0];
	}

	/**
	 * The treatment of a client whose request failed.
	 */
	public enum Action {

		/** Its connection is closed. */
		CLOSE,

		/** Nothing: the client waits as it would for a lost frame. */
		DROP,

		/** It gets a reply that the settings give. */
		REPLY

	}

}
