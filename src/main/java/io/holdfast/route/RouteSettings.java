package io.holdfast.route;

import io.holdfast.transport.Delivery;

/**
 * What a listener does with a frame.
 *
 * @param mode echo or channel
 */
public record RouteSettings(Mode mode) {

	/**
	 * The kinds of routes.
	 */
	public enum Mode {

		/** Each frame goes back to the client that sent it. */
		ECHO,

		/** Each frame goes to the application's own flow. */
		CHANNEL;

		/**
		 * On which thread the route wants its frames.
		 */
		public Delivery delivery() {
			return switch (this) {
				case ECHO -> Delivery.EVENT_LOOP;
				case CHANNEL -> Delivery.WORKERS;
			};
		}

	}

}
