package io.holdfast.protocol;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Name;

/**
 * Settings of one protocol. What is absent comes from the protocol that it extends.
 *
 * @param parent name of a preset or of another protocol whose keys hold where this one
 * has none
 * @param framing where frames begin and end
 */
public record ProtocolSettings(@Name("extends") @Nullable String parent, @Nullable FramingSettings framing) {

	/**
	 * Lays these settings over those of the parent, key by key.
	 * @param base settings of the parent, with nothing left to extend
	 * @return settings that extend nothing
	 */
	ProtocolSettings over(ProtocolSettings base) {
		FramingSettings merged = (this.framing != null && base.framing != null) ? this.framing.over(base.framing)
				: (this.framing != null) ? this.framing : base.framing;
		return new ProtocolSettings(null, merged);
	}

}
