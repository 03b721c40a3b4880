package io.holdfast.route;

import org.springframework.context.SmartLifecycle;
import org.springframework.integration.channel.DirectChannel;

/**
 * Hands a listener's frames to the application's own flow. The work is Spring
 * Integration's; what is left is to refuse to start when there is no such flow, just
 * before the port would open.
 */
public final class ChannelRoute implements SmartLifecycle {

	private static final int BEFORE_LISTENERS = DEFAULT_PHASE - 1;

	private final String listener;

	private final DirectChannel frames;

	private volatile boolean running;

	public ChannelRoute(String listener, DirectChannel frames) {
		this.listener = listener;
		this.frames = frames;
	}

	/**
	 * Checks that there is a flow.
	 * @throws FlowMissingException if there is none
	 */
	@Override
	public void start() {
		if (this.frames.getSubscriberCount() == 0) {
			throw new FlowMissingException(this.listener, String.valueOf(this.frames.getComponentName()));
		}
		this.running = true;
	}

	@Override
	public void stop() {
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return BEFORE_LISTENERS;
	}

}
