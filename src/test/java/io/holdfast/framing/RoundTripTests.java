package io.holdfast.framing;

import java.util.List;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is written is read again, however the network cuts it.
 */
class RoundTripTests {

	@Property
	void framesThatArriveAtOnceAreReadAsWritten(@ForAll(supplier = Samples.class) Sample sample) {
		byte[] stream = Wire.write(sample.framing(), sample.contents());
		assertThat(Wire.read(sample.framing(), Wire.hex(stream))).isEqualTo(sample.hexContents());
	}

	@Property
	void framesThatArriveByteByByteAreReadAsWritten(@ForAll(supplier = Samples.class) Sample sample,
			@ForAll boolean replacing) {
		assertThatChunksAreReadAsWritten(sample, List.of(1), replacing);
	}

	@Property
	void framesThatArriveInAnyChunksAreReadAsWritten(@ForAll(supplier = Samples.class) Sample sample,
			@ForAll @Size(min = 1, max = 10) List<@IntRange(min = 1, max = 100) Integer> sizes,
			@ForAll boolean replacing) {
		assertThatChunksAreReadAsWritten(sample, sizes, replacing);
	}

	@Property
	void rawBytesKeepTheirOrderInPiecesOfAtMostMaxFrame(@ForAll byte[] stream,
			@ForAll @IntRange(min = 1, max = 20) int maxFrame,
			@ForAll @Size(min = 1, max = 10) List<@IntRange(min = 1, max = 50) Integer> sizes) {
		try (var wire = Wire.replacing(new Raw(maxFrame))) {
			wire.receive(stream, sizes).end();
			assertThat(String.join("", wire.frames())).isEqualTo(Wire.hex(stream));
			assertThat(wire.frames()).allSatisfy((piece) -> assertThat(piece).hasSizeBetween(2, 2 * maxFrame));
		}
	}

	private static void assertThatChunksAreReadAsWritten(Sample sample, List<Integer> sizes, boolean replacing) {
		byte[] stream = Wire.write(sample.framing(), sample.contents());
		try (var wire = replacing ? Wire.replacing(sample.framing()) : Wire.appending(sample.framing())) {
			wire.receive(stream, sizes).end();
			assertThat(wire.frames()).isEqualTo(sample.hexContents());
			assertThat(wire.unreadBytes()).isZero();
		}
	}

}
