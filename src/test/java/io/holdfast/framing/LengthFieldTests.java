package io.holdfast.framing;

import java.nio.ByteOrder;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class LengthFieldTests {

	private static final LengthField LENGTH_16 = stripped(2, 0, BIG_ENDIAN);

	@Test
	void lengthAloneIsStrippedAndWrittenBack() {
		assertThat(Wire.read(LENGTH_16, "0003 616263 0000 0001 64")).containsExactly("616263", "", "64");
		assertThat(Wire.write(LENGTH_16, "616263")).isEqualTo("0003616263");
	}

	@Test
	void lengthThatCountsItselfIsANegativeAdjustment() {
		var inclusive = stripped(4, -4, BIG_ENDIAN);
		assertThat(Wire.read(inclusive, "00000007 616263")).containsExactly("616263");
		assertThat(Wire.write(inclusive, "616263")).isEqualTo("00000007616263");
	}

	@Test
	void headerThatIsNotStrippedIsWrittenAsItIs() {
		var modbus = new LengthField(4, 2, 0, 0, BIG_ENDIAN, 260);
		String request = "00010000000611030000000a";
		assertThat(Wire.read(modbus, request)).containsExactly(request);
		assertThat(Wire.write(modbus, request)).isEqualTo(request);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			000100000005 11 03 00   | content has 9 bytes, and its header announces 11
			000100000001 11 03 00   | content has 9 bytes, and its header announces 7
			0001000000              | content has 5 bytes; must have at least a header of 6
			                        | content has 0 bytes; must have at least a header of 6
			0001000000ff 11 03 00   | frame of 261 bytes exceeds max-frame of 260 bytes
			""")
	void contentWhoseHeaderAnnouncesAnotherLengthIsRefused(@Nullable String content, String message) {
		var modbus = new LengthField(4, 2, 0, 0, BIG_ENDIAN, 260);
		assertThatExceptionOfType(FramingException.class)
			.isThrownBy(() -> Wire.write(modbus, (content != null) ? content : ""))
			.withMessage(message);
	}

	@ParameterizedTest
	@CsvSource({ "1, 04", "2, 0500", "3, 060000", "4, 07000000", "8, 0b00000000000000" })
	void headerThatIsNotStrippedIsReadInItsByteOrder(int size, String header) {
		var inclusive = new LengthField(0, size, -size, 0, LITTLE_ENDIAN, 64);
		assertThat(Wire.write(inclusive, header + "616263")).isEqualTo(header + "616263");
		assertThatExceptionOfType(FramingException.class).isThrownBy(() -> Wire.write(inclusive, header + "6162"));
	}

	@Test
	void bytesOfAKeptLengthMayNotBeReplaced() {
		var modbus = new LengthField(4, 2, 0, 0, BIG_ENDIAN, 260);
		assertThat(List.of(modbus.mayReplace(0, 4), modbus.mayReplace(6, 2), modbus.mayReplace(0, 5),
				modbus.mayReplace(5, 1)))
			.containsExactly(true, true, false, false);
		assertThat(LENGTH_16.mayReplace(0, 8)).isTrue();
	}

	@Test
	void lengthOfAllOfTheFrameIsReadWithItsHeaderKept() {
		var smpp = new LengthField(0, 4, -4, 0, BIG_ENDIAN, 100);
		assertThat(Wire.read(smpp, "00000006 0102 00000004")).containsExactly("000000060102", "00000004");
	}

	@ParameterizedTest
	@CsvSource({ "1, 03", "2, 0300", "3, 030000", "4, 03000000", "8, 0300000000000000" })
	void littleEndianLengthIsReadAndWritten(int size, String length) {
		var framing = stripped(size, 0, LITTLE_ENDIAN);
		assertThat(Wire.read(framing, length + "616263")).containsExactly("616263");
		assertThat(Wire.write(framing, "616263")).isEqualTo(length + "616263");
	}

	@ParameterizedTest
	@CsvSource({ "1, 03", "2, 0003", "3, 000003", "4, 00000003", "8, 0000000000000003" })
	void bigEndianLengthIsReadAndWritten(int size, String length) {
		var framing = stripped(size, 0, BIG_ENDIAN);
		assertThat(Wire.read(framing, length + "616263")).containsExactly("616263");
		assertThat(Wire.write(framing, "616263")).isEqualTo(length + "616263");
	}

	@Test
	void positiveAdjustmentCountsBytesThatTheLengthDoesNot() {
		var withChecksum = stripped(1, 2, BIG_ENDIAN);
		assertThat(Wire.read(withChecksum, "01 61 ffff")).containsExactly("61ffff");
		assertThat(Wire.write(withChecksum, "61ffff")).isEqualTo("0161ffff");
		assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> Wire.write(withChecksum, "61"))
			.withMessage("content has 1 bytes; must have at least the length-adjustment of 2");
	}

	@Test
	void oneByteLengthIsUnsigned() {
		var framing = stripped(1, 0, BIG_ENDIAN);
		String content = "61".repeat(255);
		assertThat(Wire.read(framing, "ff" + content)).containsExactly(content);
		assertThat(Wire.write(framing, content)).isEqualTo("ff" + content);
	}

	@Test
	void contentBeyondItsLengthFieldIsRefused() {
		assertThatExceptionOfType(FrameTooLongException.class)
			.isThrownBy(() -> Wire.write(stripped(1, 0, BIG_ENDIAN), "61".repeat(300)))
			.withMessage("frame of 300 bytes exceeds the 255 bytes that its length field can announce")
			.satisfies((ex) -> assertThat(List.of(ex.length(), ex.max())).asString().isEqualTo("[300, 255]"));
	}

	@Test
	void contentIsRefusedAboveMaxFrame() {
		assertThat(Wire.write(LENGTH_16, "61".repeat(1000))).hasSize(2 * 1002);
		assertThatExceptionOfType(FrameTooLongException.class)
			.isThrownBy(() -> Wire.write(LENGTH_16, "61".repeat(1001)))
			.withMessage("frame of 1001 bytes exceeds max-frame of 1000 bytes");
	}

	@Test
	void strippedLengthDoesNotCountTowardsMaxFrame() {
		assertThat(Wire.read(LENGTH_16, "03e8" + "61".repeat(1000))).hasSize(1);
	}

	@Test
	void keptHeaderCountsTowardsMaxFrame() {
		var framing = new LengthField(1, 1, 0, 0, BIG_ENDIAN, 10);
		assertThat(Wire.read(framing, "aa08 0000000000000000")).hasSize(1);
		assertThatTooLong(framing, "aa09", 11);
	}

	@ParameterizedTest
	@CsvSource({ "2, 03e9, 1001", "4, 80000000, 2147483648", "4, ffffffff, 4294967295",
			"8, 7fffffffffffffff, 9223372036854775807" })
	void frameIsTooLongAsSoonAsItsHeaderIsThere(int size, String length, long announced) {
		assertThatTooLong(stripped(size, 0, BIG_ENDIAN), length, announced);
	}

	@Test
	void sumBeyondALongDoesNotWrap() {
		assertThatTooLong(new LengthField(0, 8, Integer.MAX_VALUE, 0, BIG_ENDIAN, 1000), "7fffffffffffffff",
				Long.MAX_VALUE);
		assertThatTooLong(new LengthField(0, 4, Integer.MAX_VALUE, 0, BIG_ENDIAN, 1000), "ffffffff", 6442450946L);
	}

	@Test
	void negativeLengthIsMalformed() {
		assertThatMalformed(stripped(8, 0, BIG_ENDIAN), "fffffffffffffffb", "length field is -5");
		assertThatMalformed(stripped(8, 0, LITTLE_ENDIAN), "fbffffffffffffff", "length field is -5");
	}

	@Test
	void lengthBelowItsHeaderIsMalformed() {
		assertThatMalformed(stripped(2, -2, BIG_ENDIAN), "0001",
				"length field is 1, with length-adjustment -2 less than nothing after the header");
	}

	@Test
	void announcedLengthTakesNoMemoryBeforeTheBytesArrive() {
		// larger than the heap of the tests
		var framing = new LengthField(0, 4, 0, 4, BIG_ENDIAN, Integer.MAX_VALUE);
		assertThat(Wire.read(framing, "7ffffff0 00")).isEmpty();
	}

	@Test
	void incompleteFrameStaysInTheBuffer() {
		try (var wire = Wire.appending(LENGTH_16)) {
			wire.receive(Wire.bytes("0003 6162")).end();
			assertThat(wire.frames()).isEmpty();
			assertThat(wire.unreadBytes()).isEqualTo(4);
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					-1 | 2 | 0 | 64 | length-offset is -1; must be at least 0
					0  | 5 | 0 | 64 | length-size is 5; must be 1, 2, 3, 4 or 8
					0  | 0 | 0 | 64 | length-size is 0; must be 1, 2, 3, 4 or 8
					0  | 9 | 0 | 64 | length-size is 9; must be 1, 2, 3, 4 or 8
					0  | 2 | -1 | 64 | strip is -1; must be at least 0
					0  | 2 | 3 | 64 | strip is 3, beyond the header of 2 bytes; must be 0 or length-size
					2  | 2 | 4 | 64 | strip is 4 with length-offset 2; must be 0, because the bytes before the length could not be written back
					0  | 4 | 2 | 64 | strip is 2 with length-size 4; must be 0 or 4, because a part of the length could not be written back
					0  | 2 | 2 | 0 | max-frame is 0; must be at least 1
					2  | 2 | 0 | 3 | max-frame is 3; must be at least 4, because the header is a part of the frame
					2147483647 | 8 | 0 | 64 | max-frame is 64; must be at least 2147483655, because the header is a part of the frame
					""")
	void wrongSettingIsNamedWithWhatIsRight(int offset, int size, int strip, int maxFrame, String message) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new LengthField(offset, size, 0, strip, BIG_ENDIAN, maxFrame))
			.withMessage(message);
	}

	private static LengthField stripped(int size, int adjustment, ByteOrder order) {
		return new LengthField(0, size, adjustment, size, order, 1000);
	}

	private static void assertThatTooLong(Framing framing, String stream, long length) {
		assertThatExceptionOfType(FrameTooLongException.class).isThrownBy(() -> Wire.read(framing, stream))
			.withMessage("frame of %d bytes exceeds max-frame of %d bytes", length, framing.maxFrame())
			.satisfies((ex) -> assertThat(ex.length()).isEqualTo(length));
	}

	private static void assertThatMalformed(Framing framing, String stream, String message) {
		assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> Wire.read(framing, stream))
			.withMessage(message)
			.satisfies((ex) -> assertThat(ex.getStackTrace()).isEmpty());
	}

}
