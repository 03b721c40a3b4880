package io.holdfast.framing;

import java.util.List;
import java.util.stream.Stream;

import io.holdfast.framing.Escaped.Checksum;
import io.holdfast.framing.Line.Ending;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a peer that sends byte by byte costs: a scan of all that is unread after each of a
 * million bytes would take minutes.
 */
class ScanTests {

	private static final int LENGTH = 1_000_000;

	@ParameterizedTest
	@MethodSource
	@Timeout(20)
	void longFrameThatArrivesByteByByteIsScannedOnce(Framing framing) {
		FrameReader reader = framing.reader();
		// an array of ours: the leak detection that watches pooled buffers is slow
		ByteBuf in = Unpooled.wrappedBuffer(Wire.write(framing, List.of(new byte[LENGTH])));
		int whole = in.writerIndex();
		for (int arrived = 0; arrived < whole; arrived++) {
			in.writerIndex(arrived);
			if (reader.next(in) != null) {
				throw new AssertionError("frame of " + arrived + " bytes");
			}
		}
		assertThat(reader.next(in.writerIndex(whole))).hasSize(LENGTH);
		in.release();
	}

	static Stream<Framing> longFrameThatArrivesByteByByteIsScannedOnce() {
		return Stream.of(new Line(Ending.LF, LENGTH), new Line(Ending.CRLF, LENGTH), new Line(Ending.ANY, LENGTH),
				new Delimiter(null, (byte) 0x03, LENGTH), new Delimiter((byte) 0x02, (byte) 0x03, LENGTH),
				new Delimiter((byte) 0x7e, (byte) 0x7e, LENGTH),
				new Escaped((byte) 0x7e, (byte) 0x7d, (byte) 0x02, (byte) 0x01, Checksum.XOR, LENGTH));
	}

}
