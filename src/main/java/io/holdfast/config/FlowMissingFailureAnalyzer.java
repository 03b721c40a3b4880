package io.holdfast.config;

import io.holdfast.route.FlowMissingException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says what to do when a listener's frames have nowhere to go.
 */
class FlowMissingFailureAnalyzer extends AbstractFailureAnalyzer<FlowMissingException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, FlowMissingException cause) {
		return new FailureAnalysis(
				cause.getMessage() + "; add a flow that starts from it, or set route.mode to another than channel",
				null, cause);
	}

}
