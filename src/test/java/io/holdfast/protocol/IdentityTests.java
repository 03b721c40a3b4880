package io.holdfast.protocol;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class IdentityTests {

	@ParameterizedTest
	@CsvSource({ "offset=4, 000000003132335f20000000, ascii, 123_", "offset=0, 0aff, hex, 0aff",
			"offset=1, 00013812345678, bcd, 013812345678", "offset=0, 12345f, bcd, 12345" })
	void identityStandsAtAFixedPlace(String offset, String content, String encoding, String identity) {
		byte[] bytes = hex(content);
		int from = Integer.parseInt(offset.substring("offset=".length()));
		Identity place = identity("identity." + offset, "identity.size=" + (bytes.length - from),
				"identity.encoding=" + encoding);
		assertThat(place.of(bytes)).isEqualTo(identity);
	}

	@Test
	void identityIsNotMadeOfWhatCannotBeShown() {
		assertThat(identity("identity.size=4").of(hex("41420a42"))).as("line break").isNull();
		assertThat(identity("identity.size=4").of(hex("20202000"))).as("blank").isNull();
		assertThat(identity("identity.size=4").of(hex("414243"))).as("too short").isNull();
		assertThat(identity("identity.size=2", "identity.encoding=bcd").of(hex("12ab"))).as("no decimal").isNull();
		assertThat(identity("identity.pattern=ID=(.*)").of(text("ID=" + "x".repeat(129)))).as("too long").isNull();
	}

	@Test
	void identityIsFoundByAPattern() {
		Identity identity = identity("identity.pattern=IMEI[:=](\\d{15})");
		assertThat(identity.of(text("LOGIN IMEI=356938035643809;v2"))).isEqualTo("356938035643809");
		assertThat(identity.of(text("LOGIN"))).isNull();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			(\\w+)@example    | x      | 65536
			(.*)=(.*);        | =      | 2048
			(a*)*b            | a      | 65536
			(x+x+)+y          | x      | 65536
			^(([a-z])+.)+[A-Z]([a-z])+$ | a | 65536
			""")
	@Timeout(20)
	void bytesThatAPeerChoosesCannotHoldUpThePattern(String pattern, String repeated, int size) {
		byte[] content = text(repeated.repeat(size));
		assertThat(identity("identity.pattern=" + pattern).of(content)).isNull();
		assertThat(identity("identity.pattern=" + pattern, "identity.max-scan=16KB").of(content)).isNull();
	}

	@Test
	void identityIsLookedForInTheFirst512BytesUnlessToldOtherwise() {
		byte[] late = text("-".repeat(505) + "ID=meter;");
		assertThat(identity("identity.pattern=ID=(\\w+)").of(text("-".repeat(503) + "ID=meter;"))).isEqualTo("meter");
		assertThat(identity("identity.pattern=ID=(\\w+)").of(late)).isNull();
		assertThat(identity("identity.pattern=ID=(\\w+)", "identity.max-scan=1KB").of(late)).isEqualTo("meter");
		assertThat(identity("identity.pattern=ID=(\\w+)", "identity.max-scan=4B").of(late)).isNull();
	}

	@Test
	void identityThatTheWindowCutsIsNone() {
		Identity identity = identity("identity.pattern=ID=(\\w+)", "identity.max-scan=6B");
		assertThat(identity.of(text("ID=dev"))).as("ends with the content").isEqualTo("dev");
		assertThat(identity.of(text("ID=de;1"))).as("ends before").isEqualTo("de");
		assertThat(identity.of(text("ID=dev1"))).as("goes on").isNull();
	}

	@Test
	void dotAndEscapesAreAnyBytes() {
		Identity identity = identity("identity.pattern=^\\x10.\\x00\\xff.([^\\x00]+)");
		assertThat(identity.of(hex("100a00ff0a6d6574657200"))).isEqualTo("meter");
	}

	@Test
	void windowAndPatternAreInheritedByThemselves() {
		byte[] content = text("-".repeat(20) + "ID=meter;");
		Map<String, String> settings = new LinkedHashMap<>();
		settings.put("parent.framing.type", "raw");
		settings.put("parent.identity.pattern", "ID=(\\w+)");
		settings.put("narrow.extends", "parent");
		settings.put("narrow.identity.max-scan", "8B");
		settings.put("other.extends", "narrow");
		settings.put("other.identity.pattern", "-(-)");
		settings.put("place.extends", "narrow");
		settings.put("place.identity.size", "1");
		Protocols protocols = bind(settings);
		assertThat(of(protocols, "parent", content)).isEqualTo("meter");
		assertThat(of(protocols, "narrow", content)).isNull();
		assertThat(of(protocols, "other", content)).isEqualTo("-");
		assertThat(of(protocols, "place", content)).isEqualTo("-");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					identity.offset=4 | identity.size | | is missing; give offset and size of the identity, or a pattern
					identity.size=65 | identity.size | 65 | must be from 1 to 64
					framing.max-frame=8B, identity.offset=7, identity.size=2 | identity.offset | 7 | must be at least 0, and with size 2 within the largest frame of 8 bytes
					identity.pattern=ID(, | identity.pattern | ID(, | is no regular expression of RE2: missing closing ) at 'ID(,'; there is no look-around, back-reference or possessive quantifier
					identity.pattern=ID | identity.pattern | ID | has no group; put the identity in parentheses, such as ID=(\\w+)
					identity.pattern=(.), identity.size=2 | identity.pattern | (.) | stands beside offset, size or encoding; give one or the other
					identity.pattern=(?=a)(b) | identity.pattern | (?=a)(b) | is no regular expression of RE2: invalid or unsupported Perl syntax at '(?='; there is no look-around, back-reference or possessive quantifier
					identity.pattern=(?<!a)(b) | identity.pattern | (?<!a)(b) | is no regular expression of RE2: invalid named capture at '(?<!a)(b)'; there is no look-around, back-reference or possessive quantifier
					identity.pattern=(a)\\1 | identity.pattern | (a)\\1 | is no regular expression of RE2: invalid escape sequence at '\\1'; there is no look-around, back-reference or possessive quantifier
					identity.pattern=(a++) | identity.pattern | (a++) | is no regular expression of RE2: invalid nested repetition operator at '++'; there is no look-around, back-reference or possessive quantifier
					identity.pattern=([a-z&&[^b]]+) | identity.pattern | ([a-z&&[^b]]+) | has '&&' in a class, which RE2 takes for the character; write the class without it
					identity.pattern=(.), identity.max-scan=0B | identity.max-scan | 0B | must be from 1B to 16KB
					identity.pattern=(.), identity.max-scan=16385B | identity.max-scan | 16385B | must be from 1B to 16KB
					identity.size=2, identity.max-scan=8B | identity.max-scan | 8B | stands without pattern; remove it, or give the pattern""")
	void mistakeNamesKeyAndValueAndWhatIsRight(String settings, String key, @Nullable String value, String reason) {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> own(settings.split(", ")))
			.satisfies((ex) -> {
				assertThat(ex.getName()).isEqualTo("gateway.protocols.own." + key);
				assertThat((ex.getValue() != null) ? ex.getValue().toString() : null).isEqualTo(value);
				assertThat(ex.getReason()).isEqualTo(reason);
			});
	}

	private static @Nullable String of(Protocols protocols, String name, byte[] content) {
		return Objects.requireNonNull(protocols.get(name, "key").identity()).of(content);
	}

	private static Identity identity(String... settings) {
		return Objects.requireNonNull(own(settings).identity());
	}

	/** Extends raw framing, so that any bytes will do. */
	private static Protocol own(String... settings) {
		Map<String, String> properties = new LinkedHashMap<>();
		properties.put("own.framing.type", "raw");
		for (String setting : settings) {
			String[] parts = setting.split("=", 2);
			properties.put("own." + parts[0], parts[1]);
		}
		return bind(properties).get("own", "key");
	}

	private static Protocols bind(Map<String, String> properties) {
		Map<String, String> prefixed = new LinkedHashMap<>();
		properties.forEach((key, value) -> prefixed.put("protocols." + key, value));
		return new Protocols(new Binder(new MapConfigurationPropertySource(prefixed))
			.bind("protocols", Bindable.mapOf(String.class, ProtocolSettings.class))
			.orElseGet(Map::of));
	}

	private static byte[] text(String characters) {
		return characters.getBytes(StandardCharsets.US_ASCII);
	}

	private static byte[] hex(String digits) {
		return HexFormat.of().parseHex(digits);
	}

}
