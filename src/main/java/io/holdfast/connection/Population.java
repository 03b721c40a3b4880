package io.holdfast.connection;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections one listener has. Any thread.
 */
final class Population {

	private final String listener;

	private final AtomicInteger size = new AtomicInteger();

	Population(String listener) {
		this.listener = listener;
	}

	String listener() {
		return this.listener;
	}

	int size() {
		return this.size.get();
	}

	void add() {
		this.size.incrementAndGet();
	}

	void remove() {
		this.size.decrementAndGet();
	}

}
