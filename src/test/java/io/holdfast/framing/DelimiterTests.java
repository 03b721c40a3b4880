package io.holdfast.framing;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class DelimiterTests {

	private static final Delimiter STX_ETX = new Delimiter((byte) 0x02, (byte) 0x03, 3);

	private static final Delimiter FLAGS = new Delimiter((byte) 0x7e, (byte) 0x7e, 3);

	private static final Delimiter END_ONLY = new Delimiter(null, (byte) 0x00, 3);

	@Test
	void startAndEndAreRemovedAndPutBack() {
		assertThat(Wire.read(STX_ETX, "02 6162 03 02 03 02 63 03")).containsExactly("6162", "", "63");
		assertThat(Wire.write(STX_ETX, "6162")).isEqualTo("02616203");
	}

	@Test
	void endAloneIsRemovedAndPutBack() {
		assertThat(Wire.read(END_ONLY, "6162 00 00 63 00")).containsExactly("6162", "", "63");
		assertThat(Wire.write(END_ONLY, "6162")).isEqualTo("616200");
	}

	@Test
	void startInsideAFrameIsContent() {
		assertThat(Wire.read(STX_ETX, "02 61 02 62 03")).containsExactly("610262");
	}

	@Test
	void frameThatDoesNotBeginWithTheStartIsMalformed() {
		assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> Wire.read(STX_ETX, "41"))
			.withMessage("expected 0x02 to begin a frame, found 0x41");
		assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> Wire.read(STX_ETX, "02 61 03 ff"))
			.withMessage("expected 0x02 to begin a frame, found 0xff");
	}

	@Test
	void flagsAroundFramesAreRemovedAndPutBack() {
		assertThat(Wire.read(FLAGS, "7e 41 7e 7e 42 7e")).containsExactly("41", "42");
		assertThat(Wire.write(FLAGS, "41")).isEqualTo("7e417e");
	}

	@ParameterizedTest
	@ValueSource(strings = { "7e 41 7e 42 7e", "7e 7e 41 7e 7e 42 7e", "7e 41 7e 7e 7e 7e 42 7e 7e" })
	void anyNumberOfFlagsSeparatesFrames(String stream) {
		assertThat(Wire.read(FLAGS, stream)).containsExactly("41", "42");
	}

	@Test
	void connectionThatDoesNotBeginWithAFlagIsMalformed() {
		assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> Wire.read(FLAGS, "41 7e"))
			.withMessage("expected 0x7e to begin a frame, found 0x41");
	}

	@Test
	void flagsBetweenFramesDoNotStayInTheBuffer() {
		try (var wire = Wire.appending(FLAGS)) {
			wire.receive(Wire.bytes("7e 41 7e 7e 7e"));
			assertThat(wire.unreadBytes()).isZero();
		}
	}

	@Test
	void frameOfMaxFrameBytesIsReadAndOneMoreIsTooLong() {
		assertThat(Wire.read(STX_ETX, "02 616263 03")).containsExactly("616263");
		assertThat(Wire.read(FLAGS, "7e 616263 7e")).containsExactly("616263");
		assertThat(Wire.read(END_ONLY, "616263 00")).containsExactly("616263");
		assertThatTooLong(STX_ETX, "02 61626364 03");
		assertThatTooLong(FLAGS, "7e 61626364 7e");
		assertThatTooLong(END_ONLY, "61626364 00");
	}

	@Test
	void frameIsTooLongBeforeItsEndIsSeen() {
		assertThat(Wire.read(STX_ETX, "02 616263")).isEmpty();
		assertThatTooLong(STX_ETX, "02 61626364");
		assertThatTooLong(FLAGS, "7e 61626364");
		assertThatTooLong(END_ONLY, "61626364");
	}

	@Test
	void contentIsRefusedAboveMaxFrame() {
		assertThatExceptionOfType(FrameTooLongException.class).isThrownBy(() -> Wire.write(STX_ETX, "61626364"))
			.withMessage("frame of 4 bytes exceeds max-frame of 3 bytes");
	}

	@Test
	void contentWithTheEndInsideIsRefused() {
		assertThatMalformed(STX_ETX, "610362", "content has 0x03 at byte 1, where a reader may end the frame");
		assertThatMalformed(STX_ETX, "03", "content has 0x03 at byte 0, where a reader may end the frame");
		assertThatMalformed(END_ONLY, "616200", "content has 0x00 at byte 2, where a reader may end the frame");
		assertThatMalformed(FLAGS, "617e", "content has 0x7e at byte 1, where a reader may end the frame");
		assertThat(Wire.write(STX_ETX, "610262")).isEqualTo("0261026203");
	}

	@Test
	void emptyContentIsAFrameBetweenStartAndEndAndNoneBetweenFlags() {
		assertThat(Wire.write(STX_ETX, "")).isEqualTo("0203");
		assertThat(Wire.write(END_ONLY, "")).isEqualTo("00");
		assertThatMalformed(FLAGS, "", "content is empty, which is no frame here");
	}

	@Test
	void trustingWriterDoesNotLookForTheEnd() {
		assertThat(Wire.writeTrusting(STX_ETX, "610362")).isEqualTo("0261036203");
		assertThat(Wire.writeTrusting(FLAGS, "")).isEqualTo("7e7e");
	}

	@Test
	void wrongSettingIsNamedWithWhatIsRight() {
		assertThatIllegalArgumentException().isThrownBy(() -> new Delimiter(null, (byte) 0, 0))
			.withMessage("max-frame is 0; must be at least 1");
	}

	private static void assertThatMalformed(Framing framing, String content, String message) {
		assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> Wire.write(framing, content))
			.withMessage(message);
	}

	private static void assertThatTooLong(Framing framing, String stream) {
		assertThatExceptionOfType(FrameTooLongException.class).isThrownBy(() -> Wire.read(framing, stream))
			.withMessage("more than 3 bytes without a terminator exceed max-frame");
	}

}
