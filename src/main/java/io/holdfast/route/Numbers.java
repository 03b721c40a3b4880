package io.holdfast.route;

import io.holdfast.protocol.Correlation;

/**
 * Reads and writes the number that a request and its reply have in common. Big-endian,
 * which does not matter, since peers only copy it.
 */
final class Numbers {

	private final Correlation correlation;

	Numbers(Correlation correlation) {
		this.correlation = correlation;
	}

	int size() {
		return this.correlation.size();
	}

	boolean isInRequest(byte[] frame) {
		return frame.length >= this.correlation.offset() + this.correlation.size();
	}

	boolean isInReply(byte[] frame) {
		return frame.length >= this.correlation.replyOffset() + this.correlation.size();
	}

	long ofRequest(byte[] frame) {
		return read(frame, this.correlation.offset());
	}

	long ofReply(byte[] frame) {
		return read(frame, this.correlation.replyOffset());
	}

	void writeToRequest(byte[] frame, long number) {
		write(frame, this.correlation.offset(), number);
	}

	void writeToReply(byte[] frame, long number) {
		write(frame, this.correlation.replyOffset(), number);
	}

	/** Whether the reply answers the request. */
	boolean agree(byte[] request, byte[] reply) {
		return isInReply(reply) && ofReply(reply) == ofRequest(request);
	}

	private long read(byte[] frame, int at) {
		long number = 0;
		for (int i = 0; i < this.correlation.size(); i++) {
			number = (number << Byte.SIZE) | (frame[at + i] & 0xff);
		}
		return number;
	}

	private void write(byte[] frame, int at, long number) {
		long rest = number;
		for (int i = this.correlation.size() - 1; i >= 0; i--) {
			frame[at + i] = (byte) rest;
			rest >>>= Byte.SIZE;
		}
	}

}
