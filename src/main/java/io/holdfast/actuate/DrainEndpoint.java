package io.holdfast.actuate;

import io.holdfast.drain.ProcessDrain;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.http.HttpStatus;

/**
 * Shows how far the process is in leaving, has it begin, and takes it back. Over HTTP
 * only, because its answers are HTTP's.
 */
@WebEndpoint(id = "drain")
public final class DrainEndpoint {

	private static final int ACCEPTED = 202;

	private final ProcessDrain drain;

	/**
	 * Creates the endpoint.
	 * @param drain what it shows, begins and takes back
	 */
	public DrainEndpoint(ProcessDrain drain) {
		this.drain = drain;
	}

	/**
	 * Where the drain stands.
	 */
	@ReadOperation
	public DrainView progress() {
		return DrainView.of(this.drain.progress());
	}

	/**
	 * Carries out a command.
	 * @param action start, also without one: begins the drain unless it has begun; the
	 * process stays when it has ended. cancel: takes it back
	 * @return 202 for start and 200 for cancel, with where it stands; 409 if the drain
	 * cannot be taken back, with the reason
	 */
	@WriteOperation
	public WebEndpointResponse<Object> command(@Nullable String action) {
		switch ((action != null) ? action : "start") {
			case "start" -> {
				this.drain.start();
				return new WebEndpointResponse<>(progress(), ACCEPTED);
			}
			case "cancel" -> {
				return cancel();
			}
			default -> throw Refused.parameter("action", "is '" + action + "': must be start or cancel");
		}
	}

	private WebEndpointResponse<Object> cancel() {
		try {
			this.drain.cancel();
			return new WebEndpointResponse<>(progress());
		}
		catch (IllegalStateException ex) {
			RefusalView refusal = RefusalView.of(HttpStatus.CONFLICT, String.valueOf(ex.getMessage()));
			return new WebEndpointResponse<>(refusal, refusal.status());
		}
	}

}
