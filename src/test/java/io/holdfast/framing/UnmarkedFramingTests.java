package io.holdfast.framing;

import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The framings that leave no mark on the wire.
 */
class UnmarkedFramingTests {

	@Test
	void fixedFramesAreCutFromTheStream() {
		assertThat(Wire.read(new Fixed(2), "0102 0304 05")).containsExactly("0102", "0304");
		assertThat(new Fixed(2).maxFrame()).isEqualTo(2);
	}

	@Test
	void contentOfAnotherLengthThanFixedIsRefused() {
		assertThat(Wire.write(new Fixed(2), "0102")).isEqualTo("0102");
		assertThatExceptionOfType(FrameTooLongException.class).isThrownBy(() -> Wire.write(new Fixed(2), "010203"))
			.withMessage("frame of 3 bytes exceeds max-frame of 2 bytes");
		assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> Wire.write(new Fixed(2), "01"))
			.withMessage("content has 1 bytes; must have exactly 2");
	}

	@Test
	void rawBytesAreReadAtOnceInPiecesOfMaxFrame() {
		assertThat(Wire.read(new Raw(2), "0102030405")).containsExactly("0102", "0304", "05");
		assertThat(Wire.write(new Raw(2), "0102")).isEqualTo("0102");
	}

	@Test
	void emptyContentIsRefusedWhereNothingWouldBeSent() {
		assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> Wire.write(new Raw(2), ""))
			.withMessage("content is empty, which is no frame here");
		assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> Wire.write(new EndOfStream(2), ""))
			.withMessage("content is empty, which is no frame here");
		assertThat(Wire.writeTrusting(new EndOfStream(2), "")).isEmpty();
	}

	@Test
	void endOfTheStreamMakesOneFrameOfAllBytes() {
		try (var wire = Wire.replacing(new EndOfStream(4))) {
			wire.receive(Wire.bytes("0102")).receive(Wire.bytes("0304"));
			assertThat(wire.frames()).isEmpty();
			assertThat(wire.end().frames()).containsExactly("01020304");
		}
	}

	@Test
	void emptyStreamIsNoFrame() {
		assertThat(Wire.read(new EndOfStream(4), "")).isEmpty();
	}

	@Test
	void endOfStreamIsTooLongBeforeTheStreamEnds() {
		try (var wire = Wire.appending(new EndOfStream(4))) {
			assertThatExceptionOfType(FrameTooLongException.class)
				.isThrownBy(() -> wire.receive(Wire.bytes("0102030405")))
				.withMessage("frame of 5 bytes exceeds max-frame of 4 bytes");
		}
	}

	@Test
	void endOfStreamIsTooLongWhenAllOfItArrivesWithItsEnd() {
		var rest = Unpooled.wrappedBuffer(Wire.bytes("0102030405"));
		assertThatExceptionOfType(FrameTooLongException.class).isThrownBy(() -> new EndOfStream(4).reader().last(rest));
		rest.release();
	}

	@Test
	void wrongSettingIsNamedWithWhatIsRight() {
		assertThatIllegalArgumentException().isThrownBy(() -> new Fixed(0))
			.withMessage("length is 0; must be at least 1");
		assertThatIllegalArgumentException().isThrownBy(() -> new Raw(0))
			.withMessage("max-frame is 0; must be at least 1");
		assertThatIllegalArgumentException().isThrownBy(() -> new EndOfStream(-1))
			.withMessage("max-frame is -1; must be at least 1");
	}

}
