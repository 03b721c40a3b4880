package io.holdfast.framing;

import java.util.Arrays;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ReservedBytesTests {

	@Property
	void contentIsRefusedWhenOneOfTheBytesIsInIt(@ForAll byte first, @ForAll byte second,
			@ForAll @IntRange(max = 20) int length, @ForAll byte[] content) {
		byte[] cut = Arrays.copyOf(content, Math.min(length, content.length));
		boolean expected = false;
		for (byte each : cut) {
			expected |= each == first || each == second;
		}
		assertThat(isRefused(new ReservedBytes(first, second), cut)).isEqualTo(expected);
	}

	@Test
	void byteIsFoundAtEveryPlaceAndNoOtherByteIsTakenForIt() {
		for (int wanted = 0; wanted < 256; wanted++) {
			var reserved = new ReservedBytes((byte) wanted);
			for (int at = 0; at < 19; at++) {
				for (int neighbour : new int[] { wanted + 1, wanted - 1, wanted ^ 0x80, 0, 1, 0xff }) {
					byte[] content = new byte[19];
					Arrays.fill(content, (byte) neighbour);
					assertThat(isRefused(reserved, content)).isEqualTo((byte) neighbour == (byte) wanted);
					content[at] = (byte) wanted;
					assertThat(isRefused(reserved, content)).isTrue();
				}
			}
		}
	}

	private static boolean isRefused(ReservedBytes reserved, byte[] content) {
		try {
			reserved.requireNoneIn(content);
			return false;
		}
		catch (MalformedFrameException ex) {
			return true;
		}
	}

}
