package io.holdfast.protocol;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import io.holdfast.framing.FrameReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.io.ClassPathResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the presets make of messages that others have published, one file of them for each
 * preset.
 */
class PublishedMessagesTests {

	private static final List<String> PRESETS = List.of("dns", "iso8583", "jt808", "length16", "length32", "line",
			"modbus", "mqtt", "smpp", "stx-etx");

	private static final Protocols PROTOCOLS = new Protocols(Map.of());

	@Test
	void everyPresetHasPublishedMessages() {
		assertThat(PROTOCOLS.names()).containsAll(PRESETS).hasSize(PRESETS.size() + 1).contains("of-the-tests");
		assertThat(PRESETS).allSatisfy((preset) -> assertThat(load(preset)).isNotEmpty());
	}

	@ParameterizedTest(name = "{0}: {1}")
	@MethodSource("messages")
	void contentIsReadAndWrittenBackByteForByte(String preset, PublishedMessage message) {
		assertThat(read(preset, message.wireBytes(), message.wireBytes().length)).containsExactly(message.content());
		assertThat(write(preset, message.contentBytes())).isEqualTo(message.wire());
	}

	@ParameterizedTest(name = "{0}: {1}")
	@MethodSource("messages")
	void messageThatTheNetworkCutsAnywhereIsOneFrame(String preset, PublishedMessage message) {
		for (int cut = 1; cut < message.wireBytes().length; cut++) {
			assertThat(read(preset, message.wireBytes(), cut)).as("cut at " + cut).containsExactly(message.content());
		}
	}

	@ParameterizedTest(name = "{0}: {1}")
	@MethodSource("messages")
	void messagesThatArriveTogetherAreTwoFrames(String preset, PublishedMessage message) {
		byte[] twice = HexFormat.of().parseHex(message.wire() + message.wire());
		for (int cut = 1; cut <= twice.length; cut++) {
			assertThat(read(preset, twice, cut)).as("cut at " + cut)
				.containsExactly(message.content(), message.content());
		}
	}

	@ParameterizedTest(name = "{0}: {1}")
	@MethodSource("messages")
	void numberIsWhereTheCorrelationLooksForIt(String preset, PublishedMessage message) {
		Correlation correlation = PROTOCOLS.get(preset, "key").correlation();
		assertThat(number(correlation, message.contentBytes())).isEqualTo(message.number());
	}

	@ParameterizedTest(name = "{0}: {1}")
	@MethodSource("messages")
	void identityIsThatOfTheSender(String preset, PublishedMessage message) {
		Identity identity = PROTOCOLS.get(preset, "key").identity();
		assertThat((identity != null) ? identity.of(message.contentBytes()) : null).isEqualTo(message.identity());
	}

	@ParameterizedTest(name = "{0}: {1}")
	@MethodSource("messages")
	void heartbeatsAndOnlyTheyAreAnswered(String preset, PublishedMessage message) {
		Heartbeat heartbeat = PROTOCOLS.get(preset, "key").heartbeat();
		byte[] answer = (heartbeat != null) ? heartbeat.answerTo(message.contentBytes()) : null;
		assertThat((answer != null) ? HexFormat.of().formatHex(answer) : null).isEqualTo(message.answer());
		if (answer != null) {
			assertThatIsOneFrame(preset, answer);
		}
	}

	@Test
	void peerOfTheSameProtocolAnswersTheProbeOfSmpp() {
		Protocol smpp = PROTOCOLS.get("smpp", "key");
		Heartbeat heartbeat = Objects.requireNonNull(smpp.heartbeat());
		byte[] probe = Objects.requireNonNull(heartbeat.probe());
		byte[] answer = Objects.requireNonNull(heartbeat.answerTo(probe));
		assertThat(heartbeat.isReply(answer)).isTrue();
		byte[] toAnother = Objects
			.requireNonNull(heartbeat.answerTo(HexFormat.of().parseHex("00000010000000150000000000000001")));
		assertThat(heartbeat.isReply(toAnother)).isFalse();
		assertThatIsOneFrame("smpp", probe);
		assertThatIsOneFrame("smpp", Objects.requireNonNull(smpp.goodbye()).bytes());
	}

	static Stream<Arguments> messages() {
		return PRESETS.stream()
			.flatMap((preset) -> load(preset).stream().map((message) -> Arguments.of(preset, message)));
	}

	private static List<PublishedMessage> load(String preset) {
		var file = new ClassPathResource("messages/" + preset + ".yml");
		try {
			var content = new YamlPropertySourceLoader().load(preset, file);
			return new Binder(ConfigurationPropertySources.from(content))
				.bind("messages", Bindable.listOf(PublishedMessage.class),
						new NoUnboundElementsBindHandler(BindHandler.DEFAULT))
				.get();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static List<String> read(String preset, byte[] stream, int cut) {
		FrameReader reader = PROTOCOLS.get(preset, "key").framing().reader();
		List<String> frames = new ArrayList<>();
		ByteBuf in = Unpooled.buffer();
		in.writeBytes(stream, 0, cut);
		readAll(reader, in, frames);
		in.writeBytes(stream, cut, stream.length - cut);
		readAll(reader, in, frames);
		assertThat(in.isReadable()).as("bytes left over").isFalse();
		in.release();
		return frames;
	}

	private static void assertThatIsOneFrame(String preset, byte[] content) {
		byte[] wire = HexFormat.of().parseHex(write(preset, content));
		assertThat(read(preset, wire, wire.length)).containsExactly(HexFormat.of().formatHex(content));
	}

	private static void readAll(FrameReader reader, ByteBuf in, List<String> frames) {
		for (byte[] frame = reader.next(in); frame != null; frame = reader.next(in)) {
			frames.add(HexFormat.of().formatHex(frame));
		}
	}

	private static String write(String preset, byte[] content) {
		ByteBuf out = Unpooled.buffer();
		PROTOCOLS.get(preset, "key").framing().writer().write(content, out);
		String wire = ByteBufUtil.hexDump(out);
		out.release();
		return wire;
	}

	private static @Nullable String number(@Nullable Correlation correlation, byte[] content) {
		return (correlation != null)
				? HexFormat.of().formatHex(content, correlation.offset(), correlation.offset() + correlation.size())
				: null;
	}

}
