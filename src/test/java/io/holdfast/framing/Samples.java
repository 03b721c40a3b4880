package io.holdfast.framing;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Predicate;

import io.holdfast.framing.Escaped.Checksum;
import io.holdfast.framing.Line.Ending;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;
import net.jqwik.api.Combinators;
import org.jspecify.annotations.Nullable;

/**
 * Contents for every framing but {@link Raw}, which has no frames. The longest content of
 * each list is at most three bytes short of {@code maxFrame}, often exactly as long.
 */
final class Samples implements ArbitrarySupplier<Sample> {

	private static final byte FLAG = 0x7e;

	private static final byte ESCAPE = 0x7d;

	private static final byte STX = 0x02;

	private static final byte ETX = 0x03;

	@Override
	public Arbitrary<Sample> get() {
		return Arbitraries
			.oneOf(strippedLength(), keptLength(), varint(), keptVarint(), line(), delimiter(), escaped(), fixed(),
					endOfStream())
			.withoutEdgeCases();
	}

	private static Arbitrary<Sample> strippedLength() {
		return Combinators.combine(lengthSize(), Arbitraries.integers().between(-10, 0), byteOrder())
			.flatAs((size, adjustment, order) -> samples(bytes(0, 240),
					(max) -> new LengthField(0, size, adjustment, size, order, max)));
	}

	private static Arbitrary<Sample> keptLength() {
		return Combinators
			.combine(Arbitraries.integers().between(0, 4), lengthSize(), Arbitraries.integers().between(-20, 5),
					byteOrder())
			.flatAs((offset, size, adjustment, order) -> {
				int least = Math.max(0, adjustment);
				var contents = bytes(offset + size + least, 200)
					.map((content) -> withLength(content, offset, size, adjustment, order));
				return samples(contents,
						(max) -> new LengthField(offset, size, adjustment, 0, order, Math.max(max, offset + size)));
			});
	}

	private static byte[] withLength(byte[] content, int offset, int size, int adjustment, ByteOrder order) {
		int value = content.length - offset - size - adjustment;
		for (int i = 0; i < size; i++) {
			int place = (order == ByteOrder.BIG_ENDIAN) ? size - 1 - i : i;
			content[offset + i] = (byte) ((long) value >> (8 * place));
		}
		return content;
	}

	private static Arbitrary<Sample> varint() {
		return samples(bytes(0, 300), (max) -> new Varint(0, max));
	}

	private static Arbitrary<Sample> keptVarint() {
		return Arbitraries.integers().between(1, 3).flatMap((offset) -> {
			var contents = bytes(0, 200).map((body) -> withVarint(body, offset));
			return samples(contents, (max) -> new Varint(offset, Math.max(max, offset + 1)));
		});
	}

	private static byte[] withVarint(byte[] body, int offset) {
		byte[] framed = Wire.write(new Varint(0, 300), List.of(body));
		var content = new byte[offset + framed.length];
		System.arraycopy(framed, 0, content, offset, framed.length);
		return content;
	}

	private static Arbitrary<Sample> line() {
		Arbitrary<byte[]> text = Arbitraries.of((byte) 'a', (byte) '\r', (byte) '\n').array(byte[].class).ofMaxSize(12);
		return Arbitraries.of(Ending.class)
			.flatMap((ending) -> samples(text.filter(isLine(ending)), (max) -> new Line(ending, max)));
	}

	private static Predicate<byte[]> isLine(Ending ending) {
		return (content) -> switch (ending) {
			case LF -> !contains(content, '\n');
			case CRLF, ANY -> !contains(content, '\n') && !contains(content, '\r');
		};
	}

	private static Arbitrary<Sample> delimiter() {
		return Arbitraries.oneOf(delimiter(null, ETX, 0), delimiter(STX, ETX, 0), delimiter(FLAG, FLAG, 1));
	}

	private static Arbitrary<Sample> delimiter(@Nullable Byte start, byte end, int shortest) {
		return samples(bytes(shortest, 20).filter((content) -> !contains(content, end)),
				(max) -> new Delimiter(start, end, max));
	}

	private static Arbitrary<Sample> escaped() {
		Arbitrary<byte[]> content = Arbitraries.oneOf(Arbitraries.of(FLAG, ESCAPE), Arbitraries.bytes())
			.array(byte[].class)
			.ofMinSize(1)
			.ofMaxSize(20);
		return Arbitraries.of(Checksum.class)
			.flatMap((checksum) -> samples(content,
					(max) -> new Escaped(FLAG, ESCAPE, (byte) 0x02, (byte) 0x01, checksum, max)));
	}

	private static Arbitrary<Sample> fixed() {
		return Arbitraries.integers()
			.between(1, 20)
			.flatMap((length) -> bytes(length, length).list()
				.ofMaxSize(8)
				.map((contents) -> new Sample(new Fixed(length), contents)));
	}

	private static Arbitrary<Sample> endOfStream() {
		return bytes(1, 50).map((content) -> new Sample(new EndOfStream(content.length), List.of(content)));
	}

	private static Arbitrary<Sample> samples(Arbitrary<byte[]> content, IntFunction<Framing> framing) {
		return Combinators.combine(content.list().ofMaxSize(8), Arbitraries.integers().between(0, 3))
			.as((contents, slack) -> new Sample(framing.apply(Math.max(1, Sample.longest(contents) + slack)),
					contents));
	}

	private static Arbitrary<byte[]> bytes(int shortest, int longest) {
		return Arbitraries.bytes().array(byte[].class).ofMinSize(shortest).ofMaxSize(longest);
	}

	private static Arbitrary<Integer> lengthSize() {
		return Arbitraries.of(1, 2, 3, 4, 8);
	}

	private static Arbitrary<ByteOrder> byteOrder() {
		return Arbitraries.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN);
	}

	private static boolean contains(byte[] content, int wanted) {
		byte[] sorted = content.clone();
		Arrays.sort(sorted);
		return Arrays.binarySearch(sorted, (byte) wanted) >= 0;
	}

}
