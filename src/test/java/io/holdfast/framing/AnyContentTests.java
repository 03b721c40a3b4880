package io.holdfast.framing;

import java.util.ArrayList;
import java.util.List;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A writer refuses each content that its own framing would not read back as that one
 * frame, so nothing that one framing delivers becomes more, fewer or other frames when
 * another one writes it.
 */
class AnyContentTests {

	@Property(tries = 2000)
	void contentIsRefusedOrReadBackAsThatOneFrame(@ForAll(supplier = Framings.class) Framing framing,
			@ForAll("contents") byte[] content) {
		if (isRefused(framing, content)) {
			return;
		}
		byte[] stream = Wire.write(framing, List.of(content));
		assertThat(Wire.read(framing, Wire.hex(stream))).containsExactly(Wire.hex(content));
		for (int cut = 1; cut < stream.length; cut++) {
			assertThatChunksAreReadAs(framing, stream, List.of(cut, stream.length), List.of(content));
		}
		assertThatChunksAreReadAs(framing, stream, List.of(1), List.of(content));
	}

	@Property(tries = 2000)
	void contentsThatAreNotRefusedAreReadBackInTheirOrder(@ForAll(supplier = Framings.class) Framing framing,
			@ForAll("contents") byte[] first, @ForAll("contents") byte[] second, @ForAll("contents") byte[] third,
			@ForAll @IntRange(min = 1, max = 50) int chunk) {
		List<byte[]> taken = new ArrayList<>();
		for (byte[] content : List.of(first, second, third)) {
			// the end of the stream is the end of its only frame
			if (!isRefused(framing, content) && !(framing instanceof EndOfStream && !taken.isEmpty())) {
				taken.add(content);
			}
		}
		byte[] stream = Wire.write(framing, taken);
		assertThatChunksAreReadAs(framing, stream, List.of(stream.length + 1), taken);
		assertThatChunksAreReadAs(framing, stream, List.of(chunk), taken);
	}

	@Property(tries = 2000)
	void whatOneFramingReadsAnotherRefusesOrWritesAsOneFrame(@ForAll(supplier = Framings.class) Framing reading,
			@ForAll(supplier = Framings.class) Framing writing, @ForAll("contents") byte[] stream) {
		for (String hex : framesIn(reading, stream)) {
			byte[] content = Wire.bytes(hex);
			if (!isRefused(writing, content)) {
				assertThat(Wire.read(writing, Wire.hex(Wire.write(writing, List.of(content))))).containsExactly(hex);
			}
		}
	}

	@Property(tries = 2000)
	void contentThatAFramingCanCarryIsNotRefused(@ForAll(supplier = Samples.class) Sample sample) {
		for (byte[] content : sample.contents()) {
			assertThat(isRefused(sample.framing(), content)).isFalse();
		}
	}

	@Property
	void rawRefusesAnEmptyContentAndOneThatItWouldCut(@ForAll @IntRange(min = 1, max = 20) int maxFrame,
			@ForAll("contents") byte[] content) {
		assertThat(isRefused(new Raw(maxFrame), content)).isEqualTo(content.length == 0 || content.length > maxFrame);
	}

	@Provide
	Arbitrary<byte[]> contents() {
		Arbitrary<byte[]> any = Arbitraries
			.oneOf(Arbitraries.of((byte) 0, (byte) 1, (byte) 2, (byte) 3, (byte) 4, (byte) '\r', (byte) '\n',
					(byte) 0x7d, (byte) 0x7e, (byte) 0xff), Arbitraries.bytes())
			.array(byte[].class)
			.ofMaxSize(40);
		Arbitrary<byte[]> plain = Arbitraries.bytes().between((byte) 'a', (byte) 'z').array(byte[].class).ofMaxSize(70);
		// frames of some framing, so that lengths in headers are often right
		Arbitrary<byte[]> framed = new Samples().get()
			.map((sample) -> Wire.write(sample.framing(), sample.contents().stream().limit(2).toList()));
		return Arbitraries.oneOf(any, plain, framed).withoutEdgeCases();
	}

	private static boolean isRefused(Framing framing, byte[] content) {
		try {
			framing.writer().size(content);
			return false;
		}
		catch (FramingException ex) {
			return true;
		}
	}

	private static List<String> framesIn(Framing framing, byte[] stream) {
		try (var wire = Wire.appending(framing)) {
			try {
				wire.receive(stream, List.of(stream.length + 1)).end();
			}
			catch (FramingException ex) {
				// those before it were delivered
			}
			return List.copyOf(wire.frames());
		}
	}

	private static void assertThatChunksAreReadAs(Framing framing, byte[] stream, List<Integer> sizes,
			List<byte[]> contents) {
		try (var wire = Wire.replacing(framing)) {
			wire.receive(stream, sizes).end();
			assertThat(wire.frames()).isEqualTo(contents.stream().map(Wire::hex).toList());
			assertThat(wire.unreadBytes()).isZero();
		}
	}

}
