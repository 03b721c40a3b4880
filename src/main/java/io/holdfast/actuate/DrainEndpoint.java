package io.holdfast.actuate;

import io.holdfast.drain.ProcessDrain;

import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * Shows how far the process is in leaving, and has it begin. Over HTTP only, because its
 * answers are HTTP's.
 */
@WebEndpoint(id = "drain")
public final class DrainEndpoint {

	private static final int ACCEPTED = 202;

	private final ProcessDrain drain;

	/**
	 * Creates the endpoint.
	 * @param drain what it shows and begins
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
	 * Begins the drain, unless it has begun. The process stays when it has ended.
	 * @return 202, with where it stands
	 */
	@WriteOperation
	public WebEndpointResponse<DrainView> start() {
		this.drain.start();
		return new WebEndpointResponse<>(progress(), ACCEPTED);
	}

}
