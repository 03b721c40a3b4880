package io.holdfast.framing;

import io.holdfast.framing.Line.Ending;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class LineTests {

	@Test
	void lineFeedEndsALineAndACarriageReturnIsContent() {
		var line = new Line(Ending.LF, 10);
		assertThat(Wire.read(line, "61 0a 62 0d 0a 0a")).containsExactly("61", "620d", "");
		assertThat(Wire.write(line, "61")).isEqualTo("610a");
	}

	@Test
	void bothTogetherEndALineAndEitherAloneIsContent() {
		var line = new Line(Ending.CRLF, 10);
		assertThat(Wire.read(line, "61 0a 62 0d 63 0d 0d 0a 0d 0a")).containsExactly("610a620d630d", "");
		assertThat(Wire.write(line, "61")).isEqualTo("610d0a");
	}

	@Test
	void anyEndingIsReadWithOneCarriageReturnRemovedAndALineFeedIsWritten() {
		var line = new Line(Ending.ANY, 10);
		assertThat(Wire.read(line, "61 0a 62 0d 0a 63 0d 0d 0a 0a 0d 0a")).containsExactly("61", "62", "630d", "", "");
		assertThat(Wire.write(line, "61")).isEqualTo("610a");
	}

	@ParameterizedTest
	@CsvSource({ "LF, 610a62, 1", "LF, 610a, 1", "LF, 0a, 0", "CRLF, 610d0a62, 1", "CRLF, 610a62, 1", "CRLF, 610d62, 1",
			"CRLF, 610d, 1", "CRLF, 0a61, 0", "ANY, 610a62, 1", "ANY, 610d62, 1", "ANY, 61620d, 2", "ANY, 0d, 0" })
	void contentWithAnEndingInsideIsRefused(Ending ending, String content, int at) {
		String found = content.substring(2 * at, 2 * at + 2);
		assertThatExceptionOfType(MalformedFrameException.class)
			.isThrownBy(() -> Wire.write(new Line(ending, 10), content))
			.withMessage("content has 0x%s at byte %d, where a reader may end the frame", found, at);
	}

	@Test
	void carriageReturnIsWrittenWhereALineFeedAloneEndsALine() {
		assertThat(Wire.write(new Line(Ending.LF, 10), "610d62")).isEqualTo("610d620a");
		assertThat(Wire.write(new Line(Ending.LF, 10), "610d")).isEqualTo("610d0a");
	}

	@ParameterizedTest
	@CsvSource({ "LF, 0a", "CRLF, 0d0a", "ANY, 0a" })
	void emptyContentIsAnEmptyLine(Ending ending, String written) {
		assertThat(Wire.write(new Line(ending, 10), "")).isEqualTo(written);
	}

	@ParameterizedTest
	@EnumSource(Ending.class)
	void trustingWriterDoesNotLookForEndings(Ending ending) {
		assertThat(Wire.writeTrusting(new Line(ending, 10), "610d0a62")).startsWith("610d0a62").hasSizeGreaterThan(8);
	}

	@ParameterizedTest
	@CsvSource({ "LF, 0a", "CRLF, 0d0a", "ANY, 0a", "ANY, 0d0a" })
	void lineOfMaxFrameBytesIsReadAndOneMoreIsTooLong(Ending ending, String end) {
		var line = new Line(ending, 3);
		assertThat(Wire.read(line, "616263" + end)).containsExactly("616263");
		assertThatTooLong(line, "61626364" + end);
	}

	@ParameterizedTest
	@EnumSource(Ending.class)
	void lineIsTooLongBeforeItsEndIsSeen(Ending ending) {
		var line = new Line(ending, 3);
		assertThat(Wire.read(line, "616263")).isEmpty();
		assertThatTooLong(line, "61626364");
		assertThatExceptionOfType(FrameTooLongException.class)
			.isThrownBy(() -> Wire.read(line, "61".repeat(100) + "0d0a"))
			.withMessage("more than 3 bytes without a terminator exceed max-frame");
	}

	@Test
	void carriageReturnAfterMaxFrameBytesIsTooLongOnlyWhenItIsContent() {
		assertThatTooLong(new Line(Ending.LF, 3), "6162630d");
		assertThat(Wire.read(new Line(Ending.CRLF, 3), "6162630d")).isEmpty();
		assertThat(Wire.read(new Line(Ending.ANY, 3), "6162630d")).isEmpty();
		assertThatTooLong(new Line(Ending.CRLF, 3), "6162630d61");
		assertThatTooLong(new Line(Ending.ANY, 3), "6162630d0d");
	}

	@ParameterizedTest
	@EnumSource(Ending.class)
	void contentIsRefusedAboveMaxFrame(Ending ending) {
		assertThatExceptionOfType(FrameTooLongException.class)
			.isThrownBy(() -> Wire.write(new Line(ending, 3), "61626364"))
			.withMessage("frame of 4 bytes exceeds max-frame of 3 bytes");
	}

	@Test
	void wrongSettingIsNamedWithWhatIsRight() {
		assertThatIllegalArgumentException().isThrownBy(() -> new Line(Ending.LF, 0))
			.withMessage("max-frame is 0; must be at least 1");
	}

	private static void assertThatTooLong(Line line, String stream) {
		assertThatExceptionOfType(FrameTooLongException.class).isThrownBy(() -> Wire.read(line, stream))
			.satisfies((ex) -> assertThat(ex.length()).isEqualTo(line.maxFrame() + 1L));
	}

}
