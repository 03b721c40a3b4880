package io.holdfast.framing;

import java.nio.ByteOrder;

import io.holdfast.framing.Escaped.Checksum;
import io.holdfast.framing.Line.Ending;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;
import net.jqwik.api.Combinators;

/**
 * Framings of every kind but {@link Raw}, with a small {@code maxFrame} and any length
 * adjustment.
 */
final class Framings implements ArbitrarySupplier<Framing> {

	@Override
	public Arbitrary<Framing> get() {
		return Arbitraries
			.oneOf(lengthField(0), lengthField(3), strippedLengthField(), maxFrame(4).map((max) -> new Varint(0, max)),
					maxFrame(4).map((max) -> new Varint(1, max)), line(), delimiter(), escaped(),
					maxFrame(1).map(Fixed::new), maxFrame(1).map(EndOfStream::new))
			.withoutEdgeCases();
	}

	private static Arbitrary<Framing> lengthField(int offset) {
		return Combinators.combine(Arbitraries.of(1, 2, 3, 4, 8), adjustment(), byteOrder(), maxFrame(11))
			.as((size, adjustment, order, max) -> new LengthField(offset, size, adjustment, 0, order, max));
	}

	private static Arbitrary<Framing> strippedLengthField() {
		return Combinators.combine(Arbitraries.of(1, 2, 3, 4, 8), adjustment(), byteOrder(), maxFrame(1))
			.as((size, adjustment, order, max) -> new LengthField(0, size, adjustment, size, order, max));
	}

	private static Arbitrary<Framing> line() {
		return Combinators.combine(Arbitraries.of(Ending.class), maxFrame(1)).as(Line::new);
	}

	private static Arbitrary<Framing> delimiter() {
		return Combinators
			.combine(Arbitraries.bytes().between((byte) 0, (byte) 3).injectNull(0.3),
					Arbitraries.bytes().between((byte) 0, (byte) 3), maxFrame(1))
			.as(Delimiter::new);
	}

	private static Arbitrary<Escaped> escaped() {
		return Combinators
			.combine(Arbitraries.shuffle((byte) 0, (byte) 1, (byte) 2, (byte) 3), Arbitraries.of(Checksum.class),
					maxFrame(1))
			.as((bytes, checksum, max) -> new Escaped(bytes.get(0), bytes.get(1), bytes.get(2), bytes.get(3), checksum,
					max));
	}

	private static Arbitrary<Integer> adjustment() {
		return Arbitraries.oneOf(Arbitraries.integers().between(-12, 12), Arbitraries.integers());
	}

	private static Arbitrary<Integer> maxFrame(int least) {
		return Arbitraries.integers().between(least, 64);
	}

	private static Arbitrary<ByteOrder> byteOrder() {
		return Arbitraries.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN);
	}

}
