package io.holdfast.liveness;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.holdfast.transport.EventLoops;
import io.netty.channel.EventLoop;

/**
 * One timer wheel for each event loop, so that a connection's timeouts go off on its own
 * loop and nothing is shared between loops. Any thread.
 */
public final class TimerWheels {

	private final EventLoops loops;

	private final Map<EventLoop, TimerWheel> wheels = new ConcurrentHashMap<>();

	/**
	 * Wheels that stand still until a connection needs one.
	 * @param loops tells the time
	 */
	public TimerWheels(EventLoops loops) {
		this.loops = loops;
	}

	TimerWheel of(EventLoop loop) {
		return this.wheels.computeIfAbsent(loop, (first) -> new TimerWheel(first, this.loops::nanoTime));
	}

	long nanoTime() {
		return this.loops.nanoTime();
	}

}
