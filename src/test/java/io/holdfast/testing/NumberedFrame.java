package io.holdfast.testing;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StreamCorruptedException;
import java.nio.ByteBuffer;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * A request that tells who sent it. Its content: a correlation number (4 bytes), the
 * client (4), the sequence number of that client (8), then {@code x} up to the wanted
 * size; on the wire after its length as 4 bytes, as the preset {@code length32} has it.
 * All numbers are big-endian.
 */
public final class NumberedFrame {

	private static final int MIN_SIZE = 16;

	private static final int MAX_SIZE = 64 << 20;

	private NumberedFrame() {
	}

	/**
	 * The content without its length.
	 * @param size bytes of the content, at least 16
	 */
	public static byte[] content(int number, int client, long sequence, int size) {
		if (size < MIN_SIZE) {
			throw new IllegalArgumentException("size " + size + " is below " + MIN_SIZE);
		}
		byte[] content = new byte[size];
		Arrays.fill(content, (byte) 'x');
		ByteBuffer.wrap(content).putInt(number).putInt(client).putLong(sequence);
		return content;
	}

	public static int number(byte[] content) {
		return ByteBuffer.wrap(content).getInt();
	}

	public static int client(byte[] content) {
		return ByteBuffer.wrap(content).getInt(4);
	}

	public static long sequence(byte[] content) {
		return ByteBuffer.wrap(content).getLong(8);
	}

	/**
	 * Writes length and content in one write.
	 */
	public static void write(OutputStream output, byte[] content) throws IOException {
		output.write(framed(content));
	}

	/**
	 * Reads the content of one frame, of whatever layout.
	 * @return {@code null} if the stream has ended before it
	 * @throws EOFException if the stream has ended within it
	 * @throws StreamCorruptedException if the length is negative or above 64 MB
	 */
	public static byte @Nullable [] read(DataInputStream input) throws IOException {
		int first = input.read();
		if (first < 0) {
			return null;
		}
		int length = (first << 24) | (input.readUnsignedByte() << 16) | input.readUnsignedShort();
		if (length < 0 || length > MAX_SIZE) {
			throw new StreamCorruptedException("a frame of " + length + " bytes");
		}
		byte[] content = new byte[length];
		input.readFully(content);
		return content;
	}

	/**
	 * Length and content as on the wire.
	 */
	public static byte[] framed(byte[] content) {
		return ByteBuffer.allocate(4 + content.length).putInt(content.length).put(content).array();
	}

}
