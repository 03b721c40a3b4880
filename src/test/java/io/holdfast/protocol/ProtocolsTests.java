package io.holdfast.protocol;

import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

import io.holdfast.framing.Delimiter;
import io.holdfast.framing.Escaped;
import io.holdfast.framing.Fixed;
import io.holdfast.framing.Framing;
import io.holdfast.framing.LengthField;
import io.holdfast.framing.Line;
import io.holdfast.framing.Raw;
import io.holdfast.framing.Varint;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ProtocolsTests {

	private static final int DEFAULT_MAX_FRAME = 64 * 1024;

	@Test
	void presetsComeFromTheClassPath() {
		Protocols protocols = protocols();
		assertThat(protocols.names()).contains("length16", "length32", "line", "stx-etx", "of-the-tests");
		assertThat(framing(protocols, "line")).isEqualTo(new Line(Line.Ending.ANY, DEFAULT_MAX_FRAME));
		assertThat(framing(protocols, "length16"))
			.isEqualTo(new LengthField(0, 2, 0, 2, ByteOrder.BIG_ENDIAN, DEFAULT_MAX_FRAME));
		assertThat(framing(protocols, "length32"))
			.isEqualTo(new LengthField(0, 4, 0, 4, ByteOrder.BIG_ENDIAN, DEFAULT_MAX_FRAME));
		assertThat(framing(protocols, "stx-etx")).isEqualTo(new Delimiter((byte) 2, (byte) 3, DEFAULT_MAX_FRAME));
	}

	@Test
	void presetsOfStandardsTakeTheLargestFrameThatTheyAllow() {
		Protocols protocols = protocols();
		assertThat(framing(protocols, "modbus").maxFrame()).isEqualTo(260);
		assertThat(framing(protocols, "jt808").maxFrame()).isEqualTo(21 + 1023);
		assertThat(framing(protocols, "dns").maxFrame()).isEqualTo(DEFAULT_MAX_FRAME);
	}

	@Test
	void fileOnTheClassPathIsAPreset() {
		assertThat(framing(protocols(), "of-the-tests")).isEqualTo(new Fixed(12));
	}

	@Test
	void everyKeyOfALengthFieldIsMapped() {
		Protocols protocols = protocols("own.framing.type=length-field", "own.framing.length-offset=3",
				"own.framing.length-size=8", "own.framing.length-adjustment=-11", "own.framing.strip=0",
				"own.framing.byte-order=little-endian", "own.framing.max-frame=1KB");
		assertThat(framing(protocols, "own")).isEqualTo(new LengthField(3, 8, -11, 0, ByteOrder.LITTLE_ENDIAN, 1024));
	}

	@Test
	void everyKeyOfTheOtherTypesIsMapped() {
		Protocols protocols = protocols("a.framing.type=varint", "a.framing.length-offset=1", "a.framing.max-frame=2KB",
				"b.framing.type=line", "b.framing.ending=crlf", "b.framing.max-frame=3KB", "c.framing.type=delimiter",
				"c.framing.start=7E", "c.framing.end=7e", "c.framing.max-frame=4KB", "d.framing.type=fixed",
				"d.framing.length=9", "e.framing.type=raw", "e.framing.max-frame=5KB", "f.framing.type=escaped",
				"f.framing.flag=7E", "f.framing.escape=7d", "f.framing.flag-as=02", "f.framing.escape-as=01",
				"f.framing.checksum=xor", "f.framing.max-frame=6KB");
		assertThat(framing(protocols, "a")).isEqualTo(new Varint(1, 2048));
		assertThat(framing(protocols, "b")).isEqualTo(new Line(Line.Ending.CRLF, 3072));
		assertThat(framing(protocols, "c")).isEqualTo(new Delimiter((byte) 0x7e, (byte) 0x7e, 4096));
		assertThat(framing(protocols, "d")).isEqualTo(new Fixed(9));
		assertThat(framing(protocols, "e")).isEqualTo(new Raw(5120));
		assertThat(framing(protocols, "f"))
			.isEqualTo(new Escaped((byte) 0x7e, (byte) 0x7d, (byte) 2, (byte) 1, Escaped.Checksum.XOR, 6144));
	}

	@Test
	void absentKeysHaveDefaults() {
		Protocols protocols = protocols("a.framing.type=length-field", "a.framing.length-size=2",
				"b.framing.type=varint", "c.framing.type=line", "d.framing.type=delimiter", "d.framing.end=00",
				"e.framing.type=raw", "f.framing.type=escaped", "f.framing.flag=c0", "f.framing.escape=db",
				"f.framing.flag-as=dc", "f.framing.escape-as=dd");
		assertThat(framing(protocols, "a"))
			.isEqualTo(new LengthField(0, 2, 0, 0, ByteOrder.BIG_ENDIAN, DEFAULT_MAX_FRAME));
		assertThat(framing(protocols, "b")).isEqualTo(new Varint(0, DEFAULT_MAX_FRAME));
		assertThat(framing(protocols, "c")).isEqualTo(new Line(Line.Ending.ANY, DEFAULT_MAX_FRAME));
		assertThat(framing(protocols, "d")).isEqualTo(new Delimiter(null, (byte) 0, DEFAULT_MAX_FRAME));
		assertThat(framing(protocols, "e")).isEqualTo(new Raw(DEFAULT_MAX_FRAME));
		assertThat(framing(protocols, "f")).isEqualTo(new Escaped((byte) 0xc0, (byte) 0xdb, (byte) 0xdc, (byte) 0xdd,
				Escaped.Checksum.NONE, DEFAULT_MAX_FRAME));
	}

	@Test
	void childOverridesItsParentsKeyByKey() {
		Protocols protocols = protocols("child.extends=parent", "child.framing.strip=0", "parent.extends=length16",
				"parent.framing.max-frame=1KB", "parent.framing.length-adjustment=-2");
		assertThat(framing(protocols, "child")).isEqualTo(new LengthField(0, 2, -2, 0, ByteOrder.BIG_ENDIAN, 1024));
		assertThat(framing(protocols, "parent")).isEqualTo(new LengthField(0, 2, -2, 2, ByteOrder.BIG_ENDIAN, 1024));
	}

	@Test
	void childOverridesItsParentsEscapesKeyByKey() {
		Protocols protocols = protocols("parent.framing.type=escaped", "parent.framing.flag=7e",
				"parent.framing.escape=7d", "parent.framing.flag-as=5e", "parent.framing.escape-as=5d",
				"child.extends=parent", "child.framing.flag-as=02", "child.framing.escape-as=01",
				"child.framing.checksum=xor");
		assertThat(framing(protocols, "child")).isEqualTo(
				new Escaped((byte) 0x7e, (byte) 0x7d, (byte) 2, (byte) 1, Escaped.Checksum.XOR, DEFAULT_MAX_FRAME));
	}

	@Test
	void childOfAnotherTypeInheritsNothingOfTheFraming() {
		assertThat(framing(protocols("child.extends=length16", "child.framing.type=raw"), "child"))
			.isEqualTo(new Raw(DEFAULT_MAX_FRAME));
	}

	@Test
	void childWithoutKeysIsItsParentUnderAnotherName() {
		assertThat(protocols("child.extends=line").get("child", "key")).isEqualTo(
				new Protocol("child", new Line(Line.Ending.ANY, DEFAULT_MAX_FRAME), null, null, null, null, null));
	}

	@Test
	void protocolHasNoCorrelationUnlessOneIsGiven() {
		assertThat(correlation(protocols("own.extends=line"), "own")).isNull();
	}

	@Test
	void everyKeyOfACorrelationIsMapped() {
		Protocols protocols = protocols("a.extends=length16", "a.correlation.offset=1", "a.correlation.size=2",
				"a.correlation.reply-offset=3");
		assertThat(correlation(protocols, "a")).isEqualTo(new Correlation(1, 2, 3));
	}

	@Test
	void correlationBeginsTheFrameAndIsWhereTheRequestHasItByDefault() {
		Protocols protocols = protocols("a.extends=length16", "a.correlation.size=2", "b.extends=length16",
				"b.correlation.size=2", "b.correlation.offset=4");
		assertThat(correlation(protocols, "a")).isEqualTo(new Correlation(0, 2, 0));
		assertThat(correlation(protocols, "b")).isEqualTo(new Correlation(4, 2, 4));
	}

	@Test
	void childOverridesItsParentsCorrelationKeyByKey() {
		Protocols protocols = protocols("parent.extends=length16", "parent.correlation.offset=4",
				"parent.correlation.size=2", "same.extends=parent", "child.extends=parent",
				"child.correlation.reply-offset=6");
		assertThat(correlation(protocols, "same")).isEqualTo(new Correlation(4, 2, 4));
		assertThat(correlation(protocols, "child")).isEqualTo(new Correlation(4, 2, 6));
	}

	@Test
	void correlationMayFillTheLargestFrame() {
		Protocols protocols = protocols("a.framing.type=fixed", "a.framing.length=8", "a.correlation.size=8",
				"b.framing.type=fixed", "b.framing.length=8", "b.correlation.size=1", "b.correlation.offset=7");
		assertThat(correlation(protocols, "a")).isEqualTo(new Correlation(0, 8, 0));
		assertThat(correlation(protocols, "b")).isEqualTo(new Correlation(7, 1, 7));
	}

	@Test
	void ownProtocolReplacesThePresetOfItsName() {
		assertThat(framing(protocols("line.framing.type=raw"), "line")).isEqualTo(new Raw(DEFAULT_MAX_FRAME));
	}

	@Test
	void unknownProtocolIsRefusedWithTheKnownOnes() {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> protocols().get("lines", "gateway.listeners.echo.protocol"))
			.satisfies((ex) -> {
				assertThat(ex.getName()).isEqualTo("gateway.listeners.echo.protocol");
				assertThat(ex.getValue()).isEqualTo("lines");
				assertThat(ex.getReason()).startsWith("is not a protocol; known are dns, iso8583, jt808, length16, ");
			});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					a.extends=lines | a.extends | lines | is not a protocol; known are a, dns, iso8583, jt808, length16, length32, line, modbus, mqtt, of-the-tests, smpp, stx-etx
					a.extends=a | a.extends | a | closes a circle (a -> a); remove one of them
					a.extends=b, b.extends=c, c.extends=b | c.extends | b | closes a circle (a -> b -> c -> b); remove one of them
					A.extends=line | A | A | is no name for a protocol; use a to z, 0 to 9 and '-', and begin with a letter
					a.framing.max-frame=1KB | a.framing.type | | is missing; give one of length-field, varint, line, delimiter, escaped, fixed, raw
					a.framing.type=length-field | a.framing.length-size | | is missing; give 1, 2, 3, 4 or 8
					a.framing.type=length-field, a.framing.length-size=5 | a.framing.length-size | 5 | must be 1, 2, 3, 4 or 8
					a.extends=length16, a.framing.strip=3 | a.framing.strip | 3 | beyond the header of 2 bytes; must be 0 or length-size
					a.extends=length16, a.framing.strip=-1 | a.framing.strip | -1 | must be at least 0
					a.extends=length16, a.framing.strip=1 | a.framing.strip | 1 | with length-size 2; must be 0 or 2, because a part of the length could not be written back
					a.extends=length16, a.framing.length-offset=1 | a.framing.strip | 2 | with length-offset 1; must be 0, because the bytes before the length could not be written back
					a.framing.type=varint, a.framing.length-offset=9, a.framing.max-frame=9B | a.framing.max-frame | 9 | must be at least 10, because the header is a part of the frame
					a.extends=length16, a.framing.length-offset=-1 | a.framing.length-offset | -1 | must be at least 0
					a.extends=line, a.framing.max-frame=0B | a.framing.max-frame | 0B | must be from 1B to 2147483647B
					a.extends=line, a.framing.max-frame=2GB | a.framing.max-frame | 2147483648B | must be from 1B to 2147483647B
					a.extends=line, a.framing.length-size=2 | a.framing.length-size | 2 | makes no sense for type line; its keys are ending, max-frame
					a.framing.type=delimiter | a.framing.end | | is missing; give the last byte of a frame, such as "03"
					a.framing.type=delimiter, a.framing.end=3 | a.framing.end | 3 | must be one byte as two hex digits in quotes, such as "02"
					a.framing.type=delimiter, a.framing.end=03, a.framing.start=zz | a.framing.start | zz | must be one byte as two hex digits in quotes, such as "02"
					a.framing.type=escaped | a.framing.flag | | is missing; give the byte between two frames, such as "7e"
					a.framing.type=escaped, a.framing.flag=7e | a.framing.escape | | is missing; give the byte that begins a pair, such as "7d"
					a.framing.type=escaped, a.framing.flag=7e, a.framing.escape=7d | a.framing.flag-as | | is missing; give what follows the escape in place of a flag, such as "5e"
					a.framing.type=escaped, a.framing.flag=7e, a.framing.escape=7d, a.framing.flag-as=02 | a.framing.escape-as | | is missing; give what follows the escape in place of an escape, such as "5d"
					a.framing.type=escaped, a.framing.flag=7 | a.framing.flag | 7 | must be one byte as two hex digits in quotes, such as "02"
					a.framing.type=escaped, a.framing.flag=7e, a.framing.escape=7d7d | a.framing.escape | 7d7d | must be one byte as two hex digits in quotes, such as "02"
					a.framing.type=escaped, a.framing.flag=7e, a.framing.escape=7E, a.framing.flag-as=02, a.framing.escape-as=01 | a.framing.escape | 7e | must differ from flag
					a.framing.type=escaped, a.framing.flag=7e, a.framing.escape=7d, a.framing.flag-as=7e, a.framing.escape-as=01 | a.framing.flag-as | 7e | must differ from flag
					a.framing.type=escaped, a.framing.flag=7e, a.framing.escape=7d, a.framing.flag-as=02, a.framing.escape-as=7e | a.framing.escape-as | 7e | must differ from flag
					a.framing.type=escaped, a.framing.flag=7e, a.framing.escape=7d, a.framing.flag-as=02, a.framing.escape-as=02 | a.framing.escape-as | 02 | must differ from flag-as
					a.framing.type=escaped, a.framing.flag=7e, a.framing.escape=7d, a.framing.flag-as=02, a.framing.escape-as=01, a.framing.max-frame=0B | a.framing.max-frame | 0B | must be from 1B to 2147483647B
					a.framing.type=escaped, a.framing.end=7e | a.framing.end | 7e | makes no sense for type escaped; its keys are flag, escape, flag-as, escape-as, checksum, max-frame
					a.framing.type=delimiter, a.framing.end=7e, a.framing.checksum=xor | a.framing.checksum | XOR | makes no sense for type delimiter; its keys are start, end, max-frame
					a.framing.type=fixed | a.framing.length | | is missing; give the bytes of a frame
					a.framing.type=fixed, a.framing.length=0 | a.framing.length | 0 | must be at least 1
					a.correlation.size=2 | a.framing | | is missing; give a framing, or the protocol that this one extends
					a.extends=length16, a.correlation.offset=2 | a.correlation.size | | is missing; give the bytes of the number, 1 to 8
					a.extends=length16, a.correlation.size=0 | a.correlation.size | 0 | must be from 1 to 8
					a.extends=length16, a.correlation.size=9 | a.correlation.size | 9 | must be from 1 to 8
					a.extends=length16, a.correlation.size=2, a.correlation.offset=-1 | a.correlation.offset | -1 | must be at least 0
					a.extends=length16, a.correlation.size=2, a.correlation.reply-offset=-1 | a.correlation.reply-offset | -1 | must be at least 0
					a.extends=line, a.framing.max-frame=8B, a.correlation.size=2, a.correlation.offset=7 | a.correlation.offset | 7 | with size 2 is beyond the largest frame of 8 bytes; must be at most 6
					a.extends=line, a.framing.max-frame=8B, a.correlation.size=2, a.correlation.offset=2147483647 | a.correlation.offset | 2147483647 | with size 2 is beyond the largest frame of 8 bytes; must be at most 6
					a.extends=line, a.framing.max-frame=8B, a.correlation.size=2, a.correlation.reply-offset=7 | a.correlation.reply-offset | 7 | with size 2 is beyond the largest frame of 8 bytes; must be at most 6
					a.extends=line, a.framing.max-frame=3B, a.correlation.size=4 | a.correlation.offset | 0 | with size 4 is beyond the largest frame of 3 bytes; allow larger frames""")
	void mistakeNamesKeyAndValueAndWhatIsRight(String settings, String key, String value, String reason) {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> protocols(settings.split(", ")))
			.satisfies((ex) -> {
				assertThat(ex.getName()).isEqualTo("gateway.protocols." + key);
				assertThat((ex.getValue() != null) ? ex.getValue().toString() : null).isEqualTo(value);
				assertThat(ex.getReason()).isEqualTo(reason);
			});
	}

	private static Framing framing(Protocols protocols, String name) {
		return protocols.get(name, "key").framing();
	}

	private static @Nullable Correlation correlation(Protocols protocols, String name) {
		return protocols.get(name, "key").correlation();
	}

	private static Protocols protocols(String... settings) {
		Map<String, String> properties = new LinkedHashMap<>();
		for (String setting : settings) {
			String[] parts = setting.split("=", 2);
			properties.put("protocols." + parts[0], parts[1]);
		}
		return new Protocols(new Binder(new MapConfigurationPropertySource(properties))
			.bind("protocols", Bindable.mapOf(String.class, ProtocolSettings.class))
			.orElseGet(Map::of));
	}

}
