package io.holdfast.framing;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class VarintTests {

	private static final Varint MQTT = new Varint(1, 1000);

	private static final Varint PROTOBUF = new Varint(0, 20000);

	@Test
	void mqttPacketsKeepTheirHeader() {
		String ping = "c000";
		String publish = "30c102" + "61".repeat(321);
		assertThat(Wire.read(MQTT, ping + publish + ping)).containsExactly(ping, publish, ping);
		assertThat(Wire.write(MQTT, publish)).isEqualTo(publish);
	}

	@ParameterizedTest
	@CsvSource({ "0, 00", "127, 7f", "128, 8001", "16383, ff7f", "16384, 808001" })
	void lengthAtTheHeadIsStrippedAndWrittenBack(int length, String varint) {
		String content = "61".repeat(length);
		assertThat(Wire.read(PROTOBUF, varint + content)).containsExactly(content);
		assertThat(Wire.write(PROTOBUF, content)).isEqualTo(varint + content);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			c001         | content has 2 bytes, and its header announces 3
			c0000000     | content has 4 bytes, and its header announces 2
			30ffffff7f   | content has 5 bytes, and its header announces 268435460
			30           | content has 1 bytes and no length that ends in them
			30808080     | content has 4 bytes and no length that ends in them
			308080808000 | content has 6 bytes and no length that ends in them
			""")
	void contentWhoseHeaderAnnouncesAnotherLengthIsRefused(String content, String message) {
		assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> Wire.write(MQTT, content))
			.withMessage(message);
	}

	@Test
	void bytesOfAKeptLengthMayNotBeReplaced() {
		assertThat(List.of(MQTT.mayReplace(0, 1), MQTT.mayReplace(3, 2), MQTT.mayReplace(1, 1), MQTT.mayReplace(2, 2)))
			.containsExactly(true, true, false, false);
		assertThat(PROTOBUF.mayReplace(0, 8)).isTrue();
	}

	@Test
	void lengthWithMoreBytesThanItNeedsIsAccepted() {
		assertThat(Wire.read(PROTOBUF, "8180808000 61")).containsExactly("61");
		assertThat(Wire.read(MQTT, "30 81808000 61")).containsExactly("308180800061");
	}

	@Test
	void longerLengthIsMalformedWithoutWaitingForItsEnd() {
		assertThatMalformed(MQTT, "30 80808080", "length has more than 4 bytes");
		assertThatMalformed(PROTOBUF, "8080808080", "length has more than 5 bytes");
	}

	@Test
	void lengthBeyond32BitsIsMalformed() {
		assertThatMalformed(PROTOBUF, "ffffffff1f", "length is 8589934591; must fit in 32 bits");
	}

	@Test
	void frameIsTooLongAsSoonAsItsLengthIsThere() {
		assertThatTooLong(PROTOBUF, "ffffffff0f", 4294967295L);
		assertThatTooLong(PROTOBUF, "a19c01", 20001);
		assertThatTooLong(MQTT, "30 ffffff7f", 268435460);
	}

	@Test
	void keptHeaderCountsTowardsMaxFrame() {
		assertThat(Wire.read(MQTT, "30 e507" + "61".repeat(997))).hasSize(1);
		assertThatTooLong(MQTT, "30 e607", 1001);
	}

	@Test
	void contentIsRefusedAboveMaxFrame() {
		assertThat(Wire.write(PROTOBUF, "61".repeat(20000))).hasSize(2 * 20003);
		assertThatExceptionOfType(FrameTooLongException.class)
			.isThrownBy(() -> Wire.write(PROTOBUF, "61".repeat(20001)));
	}

	@Test
	void announcedLengthTakesNoMemoryBeforeTheBytesArrive() {
		// larger than the heap of the tests
		assertThat(Wire.read(new Varint(0, Integer.MAX_VALUE), "f0ffffff07 00")).isEmpty();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			-1 | 64 | length-offset is -1; must be at least 0
			0 | 0 | max-frame is 0; must be at least 1
			1 | 1 | max-frame is 1; must be at least 2, because the header is a part of the frame
			""")
	void wrongSettingIsNamedWithWhatIsRight(int offset, int maxFrame, String message) {
		assertThatIllegalArgumentException().isThrownBy(() -> new Varint(offset, maxFrame)).withMessage(message);
	}

	private static void assertThatTooLong(Framing framing, String stream, long length) {
		assertThatExceptionOfType(FrameTooLongException.class).isThrownBy(() -> Wire.read(framing, stream))
			.withMessage("frame of %d bytes exceeds max-frame of %d bytes", length, framing.maxFrame());
	}

	private static void assertThatMalformed(Framing framing, String stream, String message) {
		assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> Wire.read(framing, stream))
			.withMessage(message);
	}

}
