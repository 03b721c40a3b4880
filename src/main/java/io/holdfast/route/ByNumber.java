package io.holdfast.route;

import org.jspecify.annotations.Nullable;

/**
 * Gives each request a number of the link's own, and its client's back to the reply.
 * Numbers are given in turn; those that a reply may still come for are passed over, so
 * that after the wrap none means two requests.
 * <p>
 * A ring of slots, at least twice as many as may be in flight: a number's slot is its
 * remainder, and what else lies there tells the number apart.
 */
final class ByNumber implements Matching {

	private static final int MAX_BITS = 31;

	private final Numbers numbers;

	private final long mask;

	private final @Nullable Request[] slots;

	private long last;

	/**
	 * Slots for so many requests.
	 * @param maxPending most that may be in flight, not above {@link #capacity}
	 */
	ByNumber(Numbers numbers, int maxPending) {
		this.numbers = numbers;
		this.mask = mask(numbers);
		this.slots = new Request[(int) Math.min(this.mask + 1, Integer.highestOneBit(maxPending) * 4L)];
	}

	/**
	 * Leaves the highest bit of the field at 0: to peers that read the field as signed,
	 * as many protocols have it, the number would be negative and mean something else.
	 */
	private static long mask(Numbers numbers) {
		return (1L << Math.min(MAX_BITS, numbers.size() * Byte.SIZE - 1)) - 1;
	}

	/**
	 * How many requests numbers of this size can tell apart, with room for late replies.
	 */
	static long capacity(Numbers numbers) {
		return (mask(numbers) + 1) / 2;
	}

	@Override
	public void sending(Request request) {
		long number = this.last;
		do {
			number = (number + 1) & this.mask;
		}
		while (this.slots[slot(number)] != null || number == 0);
		this.last = number;
		this.slots[slot(number)] = request;
		request.number = number;
		request.clientNumber = this.numbers.ofRequest(request.frame());
		this.numbers.writeToRequest(request.frame(), number);
	}

	@Override
	public void notSent(Request request) {
		this.slots[slot(request.number)] = null;
		this.numbers.writeToRequest(request.frame(), request.clientNumber);
	}

	@Override
	public @Nullable Request answered(byte[] reply) {
		if (!this.numbers.isInReply(reply)) {
			return null;
		}
		long number = this.numbers.ofReply(reply);
		int slot = slot(number);
		Request request = this.slots[slot];
		if (request == null || request.number != number) {
			return null;
		}
		this.slots[slot] = null;
		this.numbers.writeToReply(reply, request.clientNumber);
		return request;
	}

	private int slot(long number) {
		return (int) (number & (this.slots.length - 1));
	}

	@Override
	public boolean survivesMissingReply() {
		return true;
	}

}
