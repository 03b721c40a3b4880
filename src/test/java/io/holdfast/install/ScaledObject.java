package io.holdfast.install;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What KEDA's own definition knows, as far as the chart has use for it; no published
 * model has it.
 */
record ScaledObject(String apiVersion, String kind, Map<String, Object> metadata, Specification spec) {

	record Specification(Target scaleTargetRef, Integer pollingInterval, Integer cooldownPeriod,
			Integer minReplicaCount, Integer maxReplicaCount, Advanced advanced, List<Trigger> triggers) {
	}

	record Target(String name, @Nullable String apiVersion, @Nullable String kind) {
	}

	record Advanced(HorizontalPodAutoscalerConfig horizontalPodAutoscalerConfig) {
	}

	record HorizontalPodAutoscalerConfig(@Nullable String name, Behavior behavior) {
	}

	record Behavior(Rules scaleUp, Rules scaleDown) {
	}

	record Rules(Integer stabilizationWindowSeconds, @Nullable String selectPolicy, List<Policy> policies) {
	}

	record Policy(String type, Integer value, Integer periodSeconds) {
	}

	record Trigger(String type, @Nullable String name, @Nullable String metricType, Map<String, String> metadata,
			@Nullable Authentication authenticationRef) {
	}

	record Authentication(String name, @Nullable String kind) {
	}

}
