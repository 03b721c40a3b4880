package io.holdfast.actuate;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.holdfast.upstream.Upstream;
import io.holdfast.upstream.UpstreamInfo;

import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether anything can be had from one upstream. One that has not been tried yet is up,
 * and so is a paused one: it is an operator who withholds it.
 */
public final class UpstreamHealth implements HealthIndicator {

	private final Upstream upstream;

	private UpstreamHealth(Upstream upstream) {
		this.upstream = upstream;
	}

	/**
	 * The health of all upstreams, each under its name. Without any, Boot leaves it out.
	 * @param upstreams all upstreams
	 * @return one contributor of each upstream
	 */
	public static CompositeHealthContributor ofAll(Collection<Upstream> upstreams) {
		Map<String, Upstream> byName = upstreams.stream()
			.collect(Collectors.toMap(Upstream::name, Function.identity()));
		return CompositeHealthContributor.fromMap(byName, UpstreamHealth::new);
	}

	@Override
	public Health health() {
		UpstreamInfo info = this.upstream.info();
		Map<String, String> endpoints = new LinkedHashMap<>();
		info.endpoints().forEach((one) -> endpoints.put(one.address(), EndpointView.text(one.state())));
		Health.Builder health = info.down() ? Health.down() : Health.up();
		return health.withDetail("paused", info.paused())
			.withDetail("links", info.links().open())
			.withDetail("active", info.links().lent())
			.withDetail("idle", info.links().idle())
			.withDetail("connecting", info.links().connecting())
			.withDetail("max", info.links().max())
			.withDetail("pending", info.waiting())
			.withDetail("endpoints", endpoints)
			.build();
	}

}
