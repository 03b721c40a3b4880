package io.holdfast.upstream;

import java.time.Duration;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of how the names of an upstream's endpoints are looked up.
 *
 * @param refresh how often a name is looked up again while it is in use, 1s to 1h; sooner
 * where the name servers give it a shorter life, but not within a second
 * @param timeout how long a look-up may take, 100ms to 1m
 */
public record DnsSettings(@DefaultValue("30s") Duration refresh, @DefaultValue("5s") Duration timeout) {

	public DnsSettings {
		Bounds.requireWithin("refresh", refresh, "1s", "1h");
		Bounds.requireWithin("timeout", timeout, "100ms", "1m");
	}

}
