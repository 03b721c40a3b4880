package io.holdfast.protocol;

import java.util.List;
import java.util.function.BinaryOperator;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Name;

/**
 * Settings of one protocol. What is absent comes from the protocol that it extends.
 *
 * @param parent name of a preset or of another protocol whose keys hold where this one
 * has none
 * @param framing where frames begin and end
 * @param correlation where a request and its reply carry the same number
 * @param heartbeat how peers show that they are alive
 * @param identity where a peer says who it is
 * @param goodbye content of the frame that is sent before an orderly close
 * @param oneWay what frames of a client begin with that have no reply; an empty list says
 * that every frame has one
 */
public record ProtocolSettings(@Name("extends") @Nullable String parent, @Nullable FramingSettings framing,
		@Nullable CorrelationSettings correlation, @Nullable HeartbeatSettings heartbeat,
		@Nullable IdentitySettings identity, @Nullable BytesSettings goodbye, @Nullable List<PatternSettings> oneWay) {

	/**
	 * Lays these settings over those of the parent, key by key.
	 * @param base settings of the parent, with nothing left to extend
	 * @return settings that extend nothing
	 */
	ProtocolSettings over(ProtocolSettings base) {
		return new ProtocolSettings(null, merge(this.framing, base.framing, FramingSettings::over),
				merge(this.correlation, base.correlation, CorrelationSettings::over),
				merge(this.heartbeat, base.heartbeat, HeartbeatSettings::over),
				merge(this.identity, base.identity, IdentitySettings::over),
				(this.goodbye != null) ? this.goodbye : base.goodbye,
				(this.oneWay != null) ? this.oneWay : base.oneWay);
	}

	private static <T> @Nullable T merge(@Nullable T own, @Nullable T inherited, BinaryOperator<T> over) {
		if (own != null && inherited != null) {
			return over.apply(own, inherited);
		}
		return (own != null) ? own : inherited;
	}

}
