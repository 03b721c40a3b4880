package io.holdfast.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;

import org.springframework.integration.ip.tcp.serializer.AbstractByteArraySerializer;
import org.springframework.integration.ip.tcp.serializer.TcpCodecs;

/**
 * A stock serializer that marks where a frame ends, and what a frame looks like.
 *
 * @param name for the report
 * @param factory makes the serializer with a bound
 * @param head what precedes the text, but for its length
 * @param tail what follows the text
 * @param lengthSize bytes of the length in front of the text
 * @param lengthAdjustment what is added to the text's length
 * @param slack what is missing from the bound in the longest text that is read: a
 * terminated frame must end before the bound, and of a line's two end bytes the first
 * counts
 */
record StockCodec(String name, IntFunction<AbstractByteArraySerializer> factory, String head, String tail,
		int lengthSize, int lengthAdjustment, int slack) {

	static final StockCodec STX_ETX = delimited("stx-etx", TcpCodecs::stxetx, "\u0002", "\u0003", 1);

	static final StockCodec LENGTH_2 = length("length-2", TcpCodecs::lengthHeader2, 2, 0);

	private static final List<StockCodec> SHORT_LENGTHS = List.of(length("length-1", TcpCodecs::lengthHeader1, 1, 0),
			length("inclusive-1", (max) -> TcpCodecs.lengthHeader1(max).inclusive(), 1, 1));

	private static final List<StockCodec> OTHERS = List.of(delimited("crlf", TcpCodecs::crlf, "", "\r\n", 2),
			delimited("lf", TcpCodecs::lf, "", "\n", 1), STX_ETX,
			delimited("nul", (max) -> TcpCodecs.singleTerminator((byte) 0, max), "", "\u0000", 1),
			delimited("pipe", (max) -> TcpCodecs.singleTerminator((byte) '|', max), "", "|", 1), LENGTH_2,
			length("length-4", TcpCodecs::lengthHeader4, 4, 0),
			length("inclusive-2", (max) -> TcpCodecs.lengthHeader2(max).inclusive(), 2, 2),
			length("inclusive-4", (max) -> TcpCodecs.lengthHeader4(max).inclusive(), 4, 4));

	static List<StockCodec> all() {
		return Stream.concat(SHORT_LENGTHS.stream(), OTHERS.stream()).toList();
	}

	/**
	 * Those that can carry more than 255 bytes.
	 */
	static List<StockCodec> withoutShortLengths() {
		return OTHERS;
	}

	private static StockCodec delimited(String name, IntFunction<AbstractByteArraySerializer> factory, String head,
			String tail, int slack) {
		return new StockCodec(name, factory, head, tail, 0, 0, slack);
	}

	private static StockCodec length(String name, IntFunction<AbstractByteArraySerializer> factory, int size,
			int adjustment) {
		return new StockCodec(name, factory, "", "", size, adjustment, 0);
	}

	AbstractByteArraySerializer create(int max) {
		return this.factory.apply(max);
	}

	int longest(int max) {
		return max - this.slack;
	}

	String wire(String text) {
		byte[] length = ByteBuffer.allocate(4).putInt(text.length() + this.lengthAdjustment).array();
		String shown = new String(length, 4 - this.lengthSize, this.lengthSize, StandardCharsets.ISO_8859_1);
		return this.head + shown + text + this.tail;
	}

	@Override
	public String toString() {
		return this.name;
	}

}
