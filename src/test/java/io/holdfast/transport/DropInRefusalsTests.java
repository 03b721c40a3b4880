package io.holdfast.transport;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.core.serializer.DefaultDeserializer;
import org.springframework.core.serializer.DefaultSerializer;
import org.springframework.core.serializer.Deserializer;
import org.springframework.core.serializer.Serializer;
import org.springframework.integration.ip.tcp.connection.AbstractConnectionFactory;
import org.springframework.integration.ip.tcp.serializer.ByteArrayCrLfSerializer;
import org.springframework.integration.ip.tcp.serializer.ByteArrayLengthHeaderSerializer;
import org.springframework.integration.ip.tcp.serializer.ByteArrayRawSerializer;
import org.springframework.integration.ip.tcp.serializer.MapJsonSerializer;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Codecs that say nothing of where a frame ends are refused when they are set, rather
 * than misread later.
 */
class DropInRefusalsTests {

	@ParameterizedTest
	@MethodSource
	void deserializerThatIsNoFramingIsRefusedByName(AbstractConnectionFactory factory, Deserializer<?> codec) {
		assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> factory.setDeserializer(codec))
			.withMessageContaining(codec.getClass().getName());
	}

	@ParameterizedTest
	@MethodSource
	void serializerThatIsNoFramingIsRefusedByName(AbstractConnectionFactory factory, Serializer<?> codec) {
		assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> factory.setSerializer(codec))
			.withMessageContaining(codec.getClass().getName());
	}

	static Stream<Arguments> deserializerThatIsNoFramingIsRefusedByName() {
		return withEachFactory(List.of(new DefaultDeserializer(), new MapJsonSerializer(), new OwnLength(),
				new OwnLine(), new ByteArrayRawSerializer(true)));
	}

	static Stream<Arguments> serializerThatIsNoFramingIsRefusedByName() {
		return withEachFactory(
				List.of(new DefaultSerializer(), new MapJsonSerializer(), new OwnLength(), new OwnLine()));
	}

	private static Stream<Arguments> withEachFactory(List<?> codecs) {
		return codecs.stream()
			.flatMap((codec) -> Stream.of(Arguments.of(new NettyServerConnectionFactory(0), codec),
					Arguments.of(new NettyClientConnectionFactory("localhost", 1), codec)));
	}

	/** Looks like a stock serializer, but may read its header in another way. */
	private static final class OwnLength extends ByteArrayLengthHeaderSerializer {

	}

	private static final class OwnLine extends ByteArrayCrLfSerializer {

	}

}
