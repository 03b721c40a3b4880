package io.holdfast.actuate;

import org.springframework.http.HttpStatus;

/**
 * The answer to a request that is not carried out, in the shape of Spring Boot's errors.
 *
 * @param status the status of the answer
 * @param error what that status is called
 * @param message why it was refused, and what to do instead
 */
public record RefusalView(int status, String error, String message) {

	static RefusalView of(HttpStatus status, String message) {
		return new RefusalView(status.value(), status.getReasonPhrase(), message);
	}

}
