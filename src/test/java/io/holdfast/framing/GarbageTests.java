package io.holdfast.framing;

import java.util.List;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Bytes that nobody framed: every outcome is a frame, a wait or a
 * {@link FramingException}.
 */
class GarbageTests {

	@Property(tries = 5000)
	void garbageYieldsNoFrameLongerThanMaxFrameAndNoMoreBytesThanArrived(
			@ForAll(supplier = Framings.class) Framing framing, @ForAll("garbage") byte[] garbage) {
		List<String> frames = outcome(Wire.appending(framing), garbage, List.of(garbage.length + 1)).frames();
		assertThat(frames).allSatisfy((frame) -> assertThat(frame).hasSizeLessThanOrEqualTo(2 * framing.maxFrame()));
		assertThat(String.join("", frames)).hasSizeLessThanOrEqualTo(2 * garbage.length);
	}

	@Property(tries = 5000)
	void garbageHasTheSameOutcomeInAnyChunks(@ForAll(supplier = Framings.class) Framing framing,
			@ForAll("garbage") byte[] garbage,
			@ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 20) Integer> sizes) {
		assertThat(outcome(Wire.replacing(framing), garbage, sizes))
			.isEqualTo(outcome(Wire.appending(framing), garbage, List.of(garbage.length + 1)));
	}

	@Property
	void anyContentIsWrittenOrRefused(@ForAll(supplier = Framings.class) Framing framing,
			@ForAll @Size(max = 80) byte[] content) {
		try {
			assertThat(Wire.write(framing, List.of(content))).hasSizeGreaterThanOrEqualTo(content.length);
			assertThat(content).hasSizeLessThanOrEqualTo(framing.maxFrame());
		}
		catch (FramingException ex) {
			assertThat(ex).isInstanceOfAny(FrameTooLongException.class, MalformedFrameException.class);
		}
	}

	@Provide
	Arbitrary<byte[]> garbage() {
		Arbitrary<Byte> telling = Arbitraries.of((byte) 0, (byte) 1, (byte) 2, (byte) 3, (byte) '\r', (byte) '\n',
				(byte) 0x7f, (byte) 0x80, (byte) 0xff);
		return Arbitraries.oneOf(telling, Arbitraries.bytes()).array(byte[].class).ofMaxSize(150).withoutEdgeCases();
	}

	private static Outcome outcome(Wire wire, byte[] stream, List<Integer> sizes) {
		try (wire) {
			wire.receive(stream, sizes).end();
			return new Outcome(wire.frames(), "none");
		}
		catch (FramingException ex) {
			return new Outcome(wire.frames(), ex.getClass().getSimpleName());
		}
	}

	record Outcome(List<String> frames, String failure) {
	}

}
