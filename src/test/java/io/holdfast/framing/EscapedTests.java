package io.holdfast.framing;

import java.util.List;

import io.holdfast.framing.Escaped.Checksum;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class EscapedTests {

	private static final Escaped JT808 = jt808(Checksum.NONE, 64);

	private static final Escaped CHECKED = jt808(Checksum.XOR, 64);

	private static final Escaped PPP = new Escaped((byte) 0x7e, (byte) 0x7d, (byte) 0x5e, (byte) 0x5d, Checksum.NONE,
			64);

	private static final Escaped SLIP = new Escaped((byte) 0xc0, (byte) 0xdb, (byte) 0xdc, (byte) 0xdd, Checksum.NONE,
			64);

	@Test
	void flagsAndEscapesAreRemovedAndPutBack() {
		// the example of JT/T 808-2013, section 4.4.2
		assertThat(Wire.read(JT808, "7e 30 7d02 08 7d01 55 7e")).containsExactly("307e087d55");
		assertThat(Wire.write(JT808, "307e087d55")).isEqualTo("7e307d02087d01557e");
		assertThat(Wire.read(PPP, "7e 41 7d5e 7d5d 42 7e")).containsExactly("417e7d42");
		assertThat(Wire.write(PPP, "417e7d42")).isEqualTo("7e417d5e7d5d427e");
		assertThat(Wire.read(SLIP, "c0 41 dbdc dbdd 42 c0")).containsExactly("41c0db42");
		assertThat(Wire.write(SLIP, "41c0db42")).isEqualTo("c041dbdcdbdd42c0");
	}

	@Test
	void bytesThatAreOnlyMeantInsideAPairAreContentOutside() {
		assertThat(Wire.read(JT808, "7e 02 01 7d01 02 7e")).containsExactly("02017d02");
	}

	@Test
	void escapeMayStandForItselfWhenDoubled() {
		var doubled = new Escaped((byte) 0x7e, (byte) 0x10, (byte) 0x01, (byte) 0x10, Checksum.NONE, 64);
		assertThat(Wire.read(doubled, "7e 1010 1001 1010 7e")).containsExactly("107e10");
		assertThat(Wire.write(doubled, "107e10")).isEqualTo("7e1010100110107e");
	}

	@Test
	void checksumIsTakenOffAndPutOn() {
		assertThat(Wire.read(CHECKED, "7e 0102 03 7e 0a 0a 7e")).containsExactly("0102", "0a");
		assertThat(Wire.write(CHECKED, "0102")).isEqualTo("7e0102037e");
	}

	@Test
	void checksumIsEscapedLikeTheContent() {
		assertThat(Wire.read(CHECKED, "7e 7f01 7d02 7e 7f02 7d01 7e")).containsExactly("7f01", "7f02");
		assertThat(Wire.write(CHECKED, "7f01")).isEqualTo("7e7f017d027e");
		assertThat(Wire.write(CHECKED, "7f02")).isEqualTo("7e7f027d017e");
	}

	@Test
	void checksumOfNoContentIsAnEmptyFrame() {
		assertThat(Wire.read(CHECKED, "7e 00 7e")).containsExactly("");
		assertThat(Wire.write(CHECKED, "")).isEqualTo("7e007e");
	}

	@Test
	void emptyContentWithoutAChecksumIsRefused() {
		assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> Wire.write(JT808, ""))
			.withMessage("content is empty, which is no frame here");
	}

	@Test
	void wrongChecksumIsMalformed() {
		assertThatMalformed(CHECKED, "7e 0102 04 7e", "expected checksum 0x03, found 0x04");
		assertThatMalformed(CHECKED, "7e 7f01 7d01 7e", "expected checksum 0x7e, found 0x7d");
	}

	@ParameterizedTest
	@ValueSource(strings = { "7e 41 7e 42 7e", "7e 41 7e 7e 42 7e", "7e 7e 41 7e 7e 7e 42 7e 7e" })
	void anyNumberOfFlagsSeparatesFrames(String stream) {
		assertThat(Wire.read(JT808, stream)).containsExactly("41", "42");
	}

	@Test
	void flagsBetweenFramesDoNotStayInTheBuffer() {
		try (var wire = Wire.appending(CHECKED)) {
			wire.receive(Wire.bytes("7e 41 41 7e 7e 7e"));
			assertThat(wire.unreadBytes()).isZero();
		}
	}

	@Test
	void connectionThatDoesNotBeginWithAFlagIsMalformed() {
		assertThatMalformed(JT808, "41 7e", "expected 0x7e to begin a frame, found 0x41");
		assertThatMalformed(JT808, "7d02 7e", "expected 0x7e to begin a frame, found 0x7d");
	}

	@ParameterizedTest
	@CsvSource({ "7e 41 7d 03, 0x03", "7e 7d 7e, 0x7e", "7e 7d 7d, 0x7d" })
	void escapeBeforeAnythingButItsTwoBytesIsMalformedAtOnce(String stream, String found) {
		assertThatMalformed(JT808, stream, "expected 0x02 or 0x01 after the escape 0x7d, found " + found);
	}

	@Test
	void pairThatIsCutArrivesWhole() {
		try (var wire = Wire.replacing(CHECKED)) {
			wire.receive(Wire.bytes("7e 7d02 7d"));
			assertThat(wire.frames()).isEmpty();
			wire.receive(Wire.bytes("02 7e"));
			assertThat(wire.frames()).containsExactly("7e");
		}
	}

	@Test
	void escapesAndChecksumDoNotCountTowardsMaxFrame() {
		assertThat(Wire.read(jt808(Checksum.NONE, 3), "7e 7d02 7d01 7d02 7e")).containsExactly("7e7d7e");
		assertThat(Wire.read(jt808(Checksum.XOR, 3), "7e 7d02 7d01 7d02 7d01 7e")).containsExactly("7e7d7e");
		assertThat(Wire.write(jt808(Checksum.XOR, 3), "7e7d7e")).isEqualTo("7e7d027d017d027d017e");
	}

	@Test
	void frameIsTooLongBeforeItsEndIsSeen() {
		assertThat(Wire.read(jt808(Checksum.NONE, 3), "7e 616263")).isEmpty();
		assertThat(Wire.read(jt808(Checksum.XOR, 3), "7e 61626364")).isEmpty();
		assertThatTooLong(jt808(Checksum.NONE, 3), "7e 61626364");
		assertThatTooLong(jt808(Checksum.NONE, 3), "7e 616263 7d02");
		assertThatTooLong(jt808(Checksum.XOR, 3), "7e 6162636465");
	}

	@Test
	void contentIsRefusedAboveMaxFrame() {
		assertThatExceptionOfType(FrameTooLongException.class)
			.isThrownBy(() -> Wire.write(jt808(Checksum.XOR, 3), "61626364"))
			.withMessage("frame of 4 bytes exceeds max-frame of 3 bytes");
	}

	@Test
	void framesAreReadAsWrittenWhereverTheNetworkCutsThem() {
		byte[] stream = Wire.write(CHECKED, List.of(Wire.bytes("7e7d7e7d"), Wire.bytes("7f01"), Wire.bytes("")));
		for (int cut = 0; cut <= stream.length; cut++) {
			try (var wire = Wire.replacing(CHECKED)) {
				wire.receive(stream, List.of(Math.max(1, cut), stream.length));
				assertThat(wire.frames()).as("cut at " + cut).containsExactly("7e7d7e7d", "7f01", "");
			}
		}
	}

	@Test
	void wrongSettingIsNamedWithWhatIsRight() {
		assertThatIllegalArgumentException().isThrownBy(() -> jt808(Checksum.NONE, 0))
			.withMessage("max-frame is 0; must be at least 1");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			7e | 7e | 01 | 02 | escape is 7e; must differ from flag
			7e | 7d | 7e | 02 | flag-as is 7e; must differ from flag
			7e | 7d | 02 | 7e | escape-as is 7e; must differ from flag
			7e | 7d | 02 | 02 | escape-as is 02; must differ from flag-as
			""")
	void bytesThatCouldNotBeToldApartAreRefused(String flag, String escape, String flagAs, String escapeAs,
			String message) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new Escaped(Wire.bytes(flag)[0], Wire.bytes(escape)[0], Wire.bytes(flagAs)[0],
					Wire.bytes(escapeAs)[0], Checksum.NONE, 64))
			.withMessage(message);
	}

	private static Escaped jt808(Checksum checksum, int maxFrame) {
		return new Escaped((byte) 0x7e, (byte) 0x7d, (byte) 0x02, (byte) 0x01, checksum, maxFrame);
	}

	private static void assertThatMalformed(Framing framing, String stream, String message) {
		assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> Wire.read(framing, stream))
			.withMessage(message);
	}

	private static void assertThatTooLong(Framing framing, String stream) {
		assertThatExceptionOfType(FrameTooLongException.class).isThrownBy(() -> Wire.read(framing, stream))
			.withMessage("more than 3 bytes without a terminator exceed max-frame");
	}

}
