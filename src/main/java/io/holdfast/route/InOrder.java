package io.holdfast.route;

import java.util.ArrayDeque;
import java.util.Deque;

import org.jspecify.annotations.Nullable;

/**
 * Replies come in the order of the requests. Where the protocol has a number too, it must
 * agree, so that a reply too many is not taken for the next one's.
 */
final class InOrder implements Matching {

	private final Deque<Request> sent = new ArrayDeque<>();

	private final @Nullable Numbers numbers;

	InOrder(@Nullable Numbers numbers) {
		this.numbers = numbers;
	}

	@Override
	public void sending(Request request) {
		this.sent.add(request);
	}

	@Override
	public void notSent(Request request) {
		this.sent.removeLastOccurrence(request);
	}

	@Override
	public @Nullable Request answered(byte[] reply) {
		Request next = this.sent.peek();
		if (next == null || (this.numbers != null && !this.numbers.agree(next.frame(), reply))) {
			return null;
		}
		return this.sent.poll();
	}

	@Override
	public boolean survivesMissingReply() {
		return false;
	}

}
