package io.holdfast.protocol;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class HeartbeatTests {

	@Test
	void probeIsGivenInBytesOrAsText() {
		assertThat(heartbeat("heartbeat.probe.hex=00 ff", "heartbeat.reply.hex=01").probe()).isEqualTo(hex("00ff"));
		assertThat(heartbeat("heartbeat.probe.text=PING", "heartbeat.reply.text=PONG").probe()).isEqualTo(text("PING"));
	}

	@ParameterizedTest
	@CsvSource({ "01ff, 01ff, true", "01ff, 01ff00, true", "01ff, 01, false", "01ff, 01fe, false",
			"01??03, 01aa03, true", "01??03, 01aa04, false", "01??, 01, false" })
	void replyIsKnownByItsBeginning(String pattern, String content, boolean reply) {
		Heartbeat heartbeat = heartbeat("heartbeat.probe.hex=00", "heartbeat.reply.hex=" + pattern);
		assertThat(heartbeat.isReply(hex(content))).isEqualTo(reply);
	}

	@Test
	void answerRepeatsBytesOfTheHeartbeat() {
		Heartbeat heartbeat = heartbeat("heartbeat.answer[0].match.hex=0015",
				"heartbeat.answer[0].reply.hex=8015000000000000", "heartbeat.answer[0].copy[0].from=2",
				"heartbeat.answer[0].copy[0].to=4", "heartbeat.answer[0].copy[0].size=2",
				"heartbeat.answer[0].copy[1].from=3", "heartbeat.answer[0].copy[1].size=1");
		assertThat(heartbeat.answerTo(hex("0015a1a2"))).isEqualTo(hex("801500a2a1a20000"));
		// as for the next peer: the reply of the settings is not written to
		assertThat(heartbeat.answerTo(hex("0015b1b2"))).isEqualTo(hex("801500b2b1b20000"));
	}

	@Test
	void heartbeatTooShortForItsAnswerIsNone() {
		Heartbeat heartbeat = heartbeat("heartbeat.answer[0].match.hex=02", "heartbeat.answer[0].reply.hex=0300",
				"heartbeat.answer[0].copy[0].from=1", "heartbeat.answer[0].copy[0].size=1");
		assertThat(heartbeat.answerTo(hex("02"))).isNull();
		assertThat(heartbeat.answerTo(hex("02aa"))).isEqualTo(hex("03aa"));
	}

	@Test
	void firstAnswerThatMatchesIsGiven() {
		Heartbeat heartbeat = heartbeat("heartbeat.answer[0].match.text=PING 1", "heartbeat.answer[0].reply.text=one",
				"heartbeat.answer[1].match.text=PING", "heartbeat.answer[1].reply.text=any");
		assertThat(heartbeat.answerTo(text("PING 1"))).isEqualTo(text("one"));
		assertThat(heartbeat.answerTo(text("PING 2"))).isEqualTo(text("any"));
		assertThat(heartbeat.answerTo(text("DATA"))).isNull();
	}

	@Test
	void probeAndReplyMayBeTheSame() {
		Heartbeat heartbeat = heartbeat("heartbeat.probe.hex=00", "heartbeat.reply.hex=00",
				"heartbeat.answer[0].match.hex=00", "heartbeat.answer[0].reply.hex=00");
		assertThat(heartbeat.isReply(hex("00"))).isTrue();
		assertThat(heartbeat.answerTo(hex("00"))).isEqualTo(hex("00"));
	}

	@ParameterizedTest
	@CsvSource({ "hex", "text" })
	void patternWithoutBytesMatchesTheEmptyFrameAndNoOther(String form) {
		Heartbeat heartbeat = requireHeartbeat(protocols("own.extends=length16", "own.heartbeat.probe." + form + "=",
				"own.heartbeat.reply." + form + "=", "own.heartbeat.answer[0].match." + form + "=",
				"own.heartbeat.answer[0].reply." + form + "=")
			.get("own", "key"));
		assertThat(heartbeat.probe()).isEmpty();
		assertThat(heartbeat.isReply(hex(""))).isTrue();
		assertThat(heartbeat.isReply(hex("00"))).isFalse();
		assertThat(heartbeat.answerTo(hex(""))).isEmpty();
		assertThat(heartbeat.answerTo(hex("00"))).isNull();
	}

	@Test
	void emptyFrameIsIgnoredWhereTheProtocolSaysSo() {
		Protocols protocols = protocols("a.extends=length16", "a.heartbeat.ignore-empty=true", "b.extends=a",
				"b.heartbeat.answer[0].match.hex=01", "b.heartbeat.answer[0].reply.hex=02", "c.extends=b",
				"c.heartbeat.ignore-empty=false", "d.extends=a", "d.heartbeat.ignore-empty=false");
		assertThat(requireHeartbeat(protocols.get("a", "key")).isIgnored(hex(""))).isTrue();
		assertThat(requireHeartbeat(protocols.get("a", "key")).isIgnored(hex("00"))).isFalse();
		assertThat(requireHeartbeat(protocols.get("b", "key")).isIgnored(hex(""))).isTrue();
		assertThat(requireHeartbeat(protocols.get("c", "key")).isIgnored(hex(""))).isFalse();
		assertThat(protocols.get("d", "key").heartbeat()).isNull();
		assertThat(requireHeartbeat(protocols.get("iso8583", "key")).isIgnored(hex(""))).isTrue();
	}

	@Test
	void childOverridesItsParentsHeartbeatKeyByKey() {
		Protocols protocols = protocols("parent.extends=line", "parent.heartbeat.probe.text=PING",
				"parent.heartbeat.reply.text=PONG", "parent.heartbeat.answer[0].match.text=HELLO",
				"parent.heartbeat.answer[0].reply.text=WORLD", "parent.goodbye.text=BYE", "child.extends=parent",
				"child.heartbeat.reply.text=ALIVE", "mute.extends=parent", "mute.heartbeat.answer=");
		Protocol child = protocols.get("child", "key");
		Heartbeat heartbeat = requireHeartbeat(child);
		assertThat(heartbeat.probe()).isEqualTo(text("PING"));
		assertThat(heartbeat.isReply(text("ALIVE"))).isTrue();
		assertThat(heartbeat.isReply(text("PONG"))).isFalse();
		assertThat(heartbeat.answerTo(text("HELLO"))).isEqualTo(text("WORLD"));
		assertThat(child.goodbye()).isEqualTo(new BytesSettings(null, "BYE"));
		assertThat(requireHeartbeat(protocols.get("mute", "key")).answerTo(text("HELLO"))).isNull();
	}

	@Test
	void childThatDropsItsParentsAnswersHasNoHeartbeatLeft() {
		Protocols protocols = protocols("parent.extends=line", "parent.heartbeat.answer[0].match.text=HELLO",
				"parent.heartbeat.answer[0].reply.text=WORLD", "child.extends=parent", "child.heartbeat.answer=");
		assertThat(protocols.get("child", "key").heartbeat()).isNull();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					heartbeat.probe.hex=00 | heartbeat.reply.hex | | is missing; give what the answer to the probe begins with
					heartbeat.reply.hex=00 | heartbeat.reply | 00 | stands without probe; give the probe that it answers
					framing.max-frame=3B, heartbeat.probe.text=PING, heartbeat.reply.hex=00 | heartbeat.probe | PING | cannot be sent as a frame of this protocol: frame of 4 bytes exceeds max-frame of 3 bytes
					framing.max-frame=3B, goodbye.text=LEFT | goodbye | LEFT | cannot be sent as a frame of this protocol: frame of 4 bytes exceeds max-frame of 3 bytes
					heartbeat.answer[0].match.hex=00, heartbeat.answer[0].reply.hex=0011, heartbeat.answer[0].copy[0].from=0, heartbeat.answer[0].copy[0].to=1, heartbeat.answer[0].copy[0].size=2 | heartbeat.answer[0].copy[0].to | 1 | with size 2 is beyond the reply of 2 bytes; must be at most 0
					heartbeat.answer[0].match.hex=00, heartbeat.answer[0].reply.hex=0011, heartbeat.answer[0].copy[0].from=0, heartbeat.answer[0].copy[0].size=3 | heartbeat.answer[0].copy[0].to | 0 | with size 3 is beyond the reply of 2 bytes; give a longer reply, or copy less
					framing.max-frame=8B, heartbeat.answer[0].match.hex=00, heartbeat.answer[0].reply.hex=0011, heartbeat.answer[0].copy[0].from=7, heartbeat.answer[0].copy[0].to=0, heartbeat.answer[0].copy[0].size=2 | heartbeat.answer[0].copy[0].from | 7 | with size 2 is beyond the largest frame of 8 bytes
					heartbeat.probe.hex=, heartbeat.reply.hex=00 | heartbeat.probe | | cannot be sent as a frame of this protocol: content is empty, which is no frame here
					goodbye.text= | goodbye | | is empty; give at least one byte
					heartbeat.answer[0].match.hex=00, heartbeat.answer[0].reply.hex=00 | heartbeat.answer[0].reply | 00 | would be answered in turn by a gateway at the other end, for ever; if probe and reply are the same in this protocol, give both beside answer""")
	void mistakeNamesKeyAndValueAndWhatIsRight(String settings, String key, @Nullable String value, String reason) {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> own(settings.split(", ")))
			.satisfies((ex) -> {
				assertThat(ex.getName()).isEqualTo("gateway.protocols.own." + key);
				assertThat((ex.getValue() != null) ? ex.getValue().toString() : "")
					.isEqualTo((value != null) ? value : "");
				assertThat(ex.getReason()).isEqualTo(reason);
			});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					heartbeat.reply.hex=0 | must be pairs of hex digits in quotes, with ?? for any byte, such as "02??ff"
					heartbeat.reply.hex=???? | would match every frame; give at least one byte that tells it from others
					heartbeat.answer[0].reply.hex=00 | is missing; give what the peer's heartbeat begins with, such as "02ff"
					heartbeat.answer[0].match.hex=00 | is missing; give what the heartbeat is answered with, such as "03ff"
					heartbeat.answer[0].match.hex=00, heartbeat.answer[0].reply.hex=01, heartbeat.answer[0].copy[0].from=-1 | must be at least 0
					heartbeat.answer[0].match.hex=00, heartbeat.answer[0].reply.hex=01, heartbeat.answer[0].copy[0].from=1 | is missing; give from, to and size""")
	void mistakeInTheBytesIsRefusedWhenTheyAreRead(String settings, String reason) {
		assertThatExceptionOfType(BindException.class).isThrownBy(() -> own(settings.split(", ")))
			.havingRootCause()
			.asInstanceOf(InstanceOfAssertFactories.type(InvalidConfigurationPropertyValueException.class))
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo(reason));
	}

	private static Heartbeat heartbeat(String... settings) {
		return requireHeartbeat(own(settings));
	}

	private static Heartbeat requireHeartbeat(Protocol protocol) {
		return Objects.requireNonNull(protocol.heartbeat());
	}

	/** Extends raw framing, so that any bytes will do. */
	private static Protocol own(String... settings) {
		Map<String, String> properties = new LinkedHashMap<>();
		properties.put("own.framing.type", "raw");
		for (String setting : settings) {
			add(properties, "own." + setting);
		}
		return bind(properties).get("own", "key");
	}

	private static Protocols protocols(String... settings) {
		Map<String, String> properties = new LinkedHashMap<>();
		for (String setting : settings) {
			add(properties, setting);
		}
		return bind(properties);
	}

	private static void add(Map<String, String> properties, String setting) {
		String[] parts = setting.split("=", 2);
		properties.put(parts[0], parts[1]);
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
