package io.holdfast.protocol;

import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.holdfast.framing.Delimiter;
import io.holdfast.framing.Escaped;
import io.holdfast.framing.Fixed;
import io.holdfast.framing.Framing;
import io.holdfast.framing.LengthField;
import io.holdfast.framing.Line;
import io.holdfast.framing.Raw;
import io.holdfast.framing.Varint;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;

/**
 * Turns the settings of a framing into the framing: fills in the defaults and refuses
 * what cannot work, naming the key below {@code key}.
 */
final class FramingReader {

	private static final DataSize DEFAULT_MAX_FRAME = DataSize.ofKilobytes(64);

	private static final Pattern HEX_BYTE = Pattern.compile("[0-9a-fA-F]{2}");

	private final String key;

	private final FramingSettings settings;

	FramingReader(String key, FramingSettings settings) {
		this.key = key;
		this.settings = settings;
	}

	Framing read() {
		FramingSettings.Type type = required("type", this.settings.type(),
				"one of " + commaSeparated(List.of(FramingSettings.Type.values())));
		this.settings.given().forEach((name, value) -> {
			if (!type.keys().contains(name)) {
				throw invalid(name, value,
						"makes no sense for type " + type + "; its keys are " + commaSeparated(type.keys()));
			}
		});
		try {
			return framing(type);
		}
		catch (IllegalArgumentException ex) {
			throw Refusal.of(ex).below(this.key);
		}
	}

	private Framing framing(FramingSettings.Type type) {
		return switch (type) {
			case LENGTH_FIELD -> new LengthField(or(this.settings.lengthOffset(), 0),
					required("length-size", this.settings.lengthSize(), "1, 2, 3, 4 or 8"),
					or(this.settings.lengthAdjustment(), 0), or(this.settings.strip(), 0), byteOrder(), maxFrame());
			case VARINT -> new Varint(or(this.settings.lengthOffset(), 0), maxFrame());
			case LINE ->
				new Line((this.settings.ending() != null) ? this.settings.ending() : Line.Ending.ANY, maxFrame());
			case DELIMITER -> new Delimiter(hexByte("start", this.settings.start()),
					required("end", hexByte("end", this.settings.end()), "the last byte of a frame, such as \"03\""),
					maxFrame());
			case ESCAPED -> escaped();
			case FIXED -> new Fixed(required("length", this.settings.length(), "the bytes of a frame"));
			case RAW -> new Raw(maxFrame());
		};
	}

	private Escaped escaped() {
		byte flag = required("flag", hexByte("flag", this.settings.flag()),
				"the byte between two frames, such as \"7e\"");
		byte escape = required("escape", hexByte("escape", this.settings.escape()),
				"the byte that begins a pair, such as \"7d\"");
		byte flagAs = required("flag-as", hexByte("flag-as", this.settings.flagAs()),
				"what follows the escape in place of a flag, such as \"5e\"");
		byte escapeAs = required("escape-as", hexByte("escape-as", this.settings.escapeAs()),
				"what follows the escape in place of an escape, such as \"5d\"");
		Escaped.Checksum checksum = (this.settings.checksum() != null) ? this.settings.checksum()
				: Escaped.Checksum.NONE;
		return new Escaped(flag, escape, flagAs, escapeAs, checksum, maxFrame());
	}

	private ByteOrder byteOrder() {
		return (this.settings.byteOrder() == FramingSettings.ByteOrder.LITTLE_ENDIAN) ? ByteOrder.LITTLE_ENDIAN
				: ByteOrder.BIG_ENDIAN;
	}

	private int maxFrame() {
		DataSize maxFrame = (this.settings.maxFrame() != null) ? this.settings.maxFrame() : DEFAULT_MAX_FRAME;
		if (maxFrame.toBytes() < 1 || maxFrame.toBytes() > Integer.MAX_VALUE) {
			throw invalid("max-frame", maxFrame, "must be from 1B to " + Integer.MAX_VALUE + "B");
		}
		return (int) maxFrame.toBytes();
	}

	private @Nullable Byte hexByte(String name, @Nullable String value) {
		if (value == null) {
			return null;
		}
		// two digits, always: YAML reads 02 without quotes as the number 2, and 0x10 as
		// 16
		if (!HEX_BYTE.matcher(value).matches()) {
			throw invalid(name, value, "must be one byte as two hex digits in quotes, such as \"02\"");
		}
		return (byte) HexFormat.fromHexDigits(value);
	}

	private <T> T required(String name, @Nullable T value, String choice) {
		if (value == null) {
			throw invalid(name, null, "is missing; give " + choice);
		}
		return value;
	}

	private static int or(@Nullable Integer value, int other) {
		return (value != null) ? value : other;
	}

	private static String commaSeparated(List<?> values) {
		return values.stream().map(String::valueOf).collect(Collectors.joining(", "));
	}

	private InvalidConfigurationPropertyValueException invalid(String name, @Nullable Object value, String reason) {
		return new InvalidConfigurationPropertyValueException(this.key + "." + name, value, reason);
	}

}
