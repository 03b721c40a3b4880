package io.holdfast.upstream;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Takes the frames of an upstream that come on links which nobody holds. Any thread.
 */
final class Unheld {

	private final List<Unsolicited> receivers = new CopyOnWriteArrayList<>();

	private volatile boolean keepsGreetings;

	void add(Unsolicited receiver) {
		this.receivers.add(receiver);
	}

	/** What comes before a link's first user is kept from now on. */
	void keepGreetings() {
		this.keepsGreetings = true;
	}

	boolean keepsGreetings() {
		return this.keepsGreetings;
	}

	/** A frame came that is nobody's. */
	void received(Link link, byte[] frame) {
		boolean first = true;
		for (Unsolicited receiver : this.receivers) {
			receiver.received(link, frame, first);
			first = false;
		}
	}

}
