package io.holdfast.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteOrder;

import io.holdfast.framing.Delimiter;
import io.holdfast.framing.EndOfStream;
import io.holdfast.framing.FrameWriter;
import io.holdfast.framing.Framing;
import io.holdfast.framing.LengthField;
import io.holdfast.framing.Line;

import org.springframework.integration.ip.tcp.serializer.AbstractByteArraySerializer;
import org.springframework.integration.ip.tcp.serializer.ByteArrayCrLfSerializer;
import org.springframework.integration.ip.tcp.serializer.ByteArrayElasticRawDeserializer;
import org.springframework.integration.ip.tcp.serializer.ByteArrayLengthHeaderSerializer;
import org.springframework.integration.ip.tcp.serializer.ByteArrayLfSerializer;
import org.springframework.integration.ip.tcp.serializer.ByteArrayRawSerializer;
import org.springframework.integration.ip.tcp.serializer.ByteArraySingleTerminatorSerializer;
import org.springframework.integration.ip.tcp.serializer.ByteArrayStxEtxSerializer;

/**
 * Turns Spring Integration's serializers into the framings they stand for. What they do
 * not tell (the size of a length header, a terminator) is read off what they write for an
 * empty message. Exact classes only: a subclass may do anything.
 */
final class StockCodecs {

	private StockCodecs() {
	}

	/**
	 * The framing that a stock deserializer stands for, with its bound. Those that look
	 * for an end count it in.
	 * @throws IllegalArgumentException for any that is not in {@code TcpCodecs}
	 */
	static Framing inputFraming(Object codec) {
		return framing(codec, true);
	}

	/**
	 * A writer that does what a stock serializer does: it bounds nothing, and it does not
	 * look into messages, so that an application may send several frames as one message.
	 * @throws IllegalArgumentException for any that is not in {@code TcpCodecs}
	 */
	static FrameWriter writer(Object codec) {
		return framing(codec, false).trustingWriter();
	}

	private static Framing framing(Object codec, boolean bounded) {
		Class<?> type = codec.getClass();
		if (type == ByteArrayCrLfSerializer.class) {
			return new Line(Line.Ending.CRLF, maxFrame(codec, bounded, 2));
		}
		if (type == ByteArrayLfSerializer.class) {
			return new Line(Line.Ending.LF, maxFrame(codec, bounded, 1));
		}
		if (type == ByteArrayStxEtxSerializer.class) {
			return new Delimiter((byte) ByteArrayStxEtxSerializer.STX, (byte) ByteArrayStxEtxSerializer.ETX,
					maxFrame(codec, bounded, 1));
		}
		if (type == ByteArraySingleTerminatorSerializer.class) {
			return new Delimiter(null, emptyMessage(codec)[0], maxFrame(codec, bounded, 1));
		}
		if (type == ByteArrayLengthHeaderSerializer.class) {
			byte[] header = emptyMessage(codec);
			int inclusive = header[header.length - 1];
			return new LengthField(0, header.length, -inclusive, header.length, ByteOrder.BIG_ENDIAN,
					maxFrame(codec, bounded, 0));
		}
		if (type == ByteArrayRawSerializer.class && !endsAtTimeout((ByteArrayRawSerializer) codec)) {
			return new EndOfStream(maxFrame(codec, bounded, 0));
		}
		if (type == ByteArrayElasticRawDeserializer.class) {
			return new EndOfStream(Integer.MAX_VALUE);
		}
		throw new IllegalArgumentException("cannot translate '" + type.getName()
				+ "' into a framing; use one of Spring Integration's TcpCodecs, or setFraming on the connection factory");
	}

	/**
	 * Whether it takes a timeout for an end: seen by letting it read one byte and time
	 * out.
	 */
	@SuppressWarnings("InputStreamSlowMultibyteRead") // one byte is all there is
	private static boolean endsAtTimeout(ByteArrayRawSerializer codec) {
		InputStream oneByteThenTimeout = new InputStream() {

			private boolean read;

			@Override
			public int read() throws IOException {
				if (this.read) {
					throw new SocketTimeoutException();
				}
				this.read = true;
				return 0;
			}

		};
		try {
			return codec.deserialize(oneByteThenTimeout).length == 1;
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static int maxFrame(Object codec, boolean bounded, int end) {
		return bounded ? Math.max(1, ((AbstractByteArraySerializer) codec).getMaxMessageSize() - end)
				: Integer.MAX_VALUE;
	}

	private static byte[] emptyMessage(Object codec) {
		ByteArrayOutputStream written = new ByteArrayOutputStream();
		try {
			((AbstractByteArraySerializer) codec).serialize(new byte[0], written);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return written.toByteArray();
	}

}
