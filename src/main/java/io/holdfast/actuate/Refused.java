package io.holdfast.actuate;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;

/**
 * Makes the exceptions with which endpoints refuse requests that make no sense, as 400.
 */
final class Refused {

	private Refused() {
	}

	/**
	 * A parameter has no value that is right.
	 * @param reason what is wrong and what would be right, after the parameter's name
	 */
	static InvalidEndpointRequestException parameter(String name, String reason) {
		String message = "parameter '" + name + "' " + reason;
		return new InvalidEndpointRequestException(message, message);
	}

}
