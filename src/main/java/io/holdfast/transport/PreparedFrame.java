package io.holdfast.transport;

import java.nio.ByteBuffer;

import io.holdfast.framing.Framing;
import io.holdfast.framing.FramingException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * A frame that many connections send: framed once, in memory that they share. Immutable,
 * so any number of threads may send it.
 */
public final class PreparedFrame {

	private final ByteBuf bytes;

	private PreparedFrame(ByteBuf bytes) {
		this.bytes = bytes;
	}

	/**
	 * Puts a content into a frame.
	 * @param framing that of the connections that will send it
	 * @throws FramingException if it cannot be framed
	 */
	public static PreparedFrame of(byte[] content, Framing framing) {
		ByteBuffer memory = ByteBuffer.allocateDirect(framing.writer().size(content));
		ByteBuf bytes = Unpooled.wrappedBuffer(memory).clear();
		framing.writer().write(content, bytes);
		return new PreparedFrame(bytes);
	}

	/** Bytes on the wire. */
	int size() {
		return this.bytes.readableBytes();
	}

	/** To be sent and let go of, which frees nothing. */
	ByteBuf bytes() {
		return Unpooled.unreleasableBuffer(this.bytes.duplicate());
	}

}
