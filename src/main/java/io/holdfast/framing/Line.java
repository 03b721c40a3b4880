package io.holdfast.framing;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames that end with a line break. On output the break is added; content that has one
 * in it goes out as it is, and the peer sees several frames.
 *
 * @param ending which line breaks end a frame
 * @param maxFrame most bytes of the content, without the break
 */
public record Line(Ending ending, int maxFrame) implements Framing {

	private static final byte LF = '\n';

	private static final byte CR = '\r';

	public Line {
		Framing.checkMaxFrame(maxFrame);
	}

	@Override
	public FrameReader reader() {
		return new Reader(this.ending, this.maxFrame);
	}

	@Override
	public FrameWriter writer() {
		return new Terminated(null, (this.ending == Ending.CRLF) ? new byte[] { CR, LF } : new byte[] { LF },
				this.maxFrame);
	}

	/**
	 * What ends a line.
	 */
	public enum Ending {

		/** A line feed; a carriage return is content. */
		LF,

		/** A carriage return and a line feed; either alone is content. */
		CRLF,

		/** A line feed, with or without a carriage return before it; written without. */
		ANY

	}

	private static final class Reader implements FrameReader {

		private final Ending ending;

		private final int maxFrame;

		private final ScanningReader scan = new ScanningReader(LF);

		Reader(Ending ending, int maxFrame) {
			this.ending = ending;
			this.maxFrame = maxFrame;
		}

		@Override
		public byte @Nullable [] next(ByteBuf in) {
			int feed = this.scan.find(in);
			while (feed >= 0) {
				boolean returned = feed > 0 && in.getByte(in.readerIndex() + feed - 1) == CR;
				if (returned || this.ending != Ending.CRLF) {
					return line(in, feed, (returned && this.ending != Ending.LF) ? feed - 1 : feed);
				}
				this.scan.skipTo(feed + 1);
				feed = this.scan.find(in);
			}
			// the last byte may be a carriage return that belongs to the end
			int seen = in.readableBytes();
			boolean endingBegun = seen > 0 && this.ending != Ending.LF && in.getByte(in.writerIndex() - 1) == CR;
			if (seen - (endingBegun ? 1 : 0) > this.maxFrame) {
				throw FrameTooLongException.withoutEnd(seen, this.maxFrame);
			}
			return null;
		}

		private byte[] line(ByteBuf in, int feed, int length) {
			if (length > this.maxFrame) {
				throw FrameTooLongException.of(length, this.maxFrame);
			}
			byte[] content = FrameReader.take(in, length);
			in.skipBytes(feed + 1 - length);
			this.scan.reset();
			return content;
		}

	}

}
