package io.holdfast.route;

/**
 * A listener hands its frames to a channel that nothing takes them from.
 */
public final class FlowMissingException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String channel;

	FlowMissingException(String listener, String channel) {
		super("listener '" + listener + "' - its route hands frames to the channel '" + channel
				+ "', which no flow subscribes to");
		this.channel = channel;
	}

	/**
	 * The bean name of the channel.
	 */
	public String channel() {
		return this.channel;
	}

}
