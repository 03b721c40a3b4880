package io.holdfast.upstream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.holdfast.liveness.LinkLivenessSettings;
import io.holdfast.transport.TcpSettings;
import org.springframework.util.unit.DataSize;

import io.holdfast.testing.UpstreamServer;

/**
 * Settings of an upstream under test: nothing is kept warm, waits are long enough never
 * to end by themselves, pauses are short. What a test is about it sets.
 */
final class TestSettings {

	private final List<String> endpoints = new ArrayList<>();

	private Balance balance = Balance.ROUND_ROBIN;

	private int minIdle;

	private int max = 8;

	private Duration acquireTimeout = Duration.ofMinutes(1);

	private int maxWaiting = 1000;

	private DataSize maxPendingOutput = DataSize.ofKilobytes(256);

	private Duration pauseTimeout = Duration.ofHours(1);

	private LinkLivenessSettings liveness = new LinkLivenessSettings(null, 3);

	private Duration idleTimeout = Duration.ofHours(1);

	private Duration maxLifetime = Duration.ofHours(1);

	private ReconnectSettings reconnect = new ReconnectSettings(Duration.ofMillis(1), Duration.ofMillis(20), 2, 0.2);

	private EjectionSettings ejection = new EjectionSettings(1000, Duration.ofHours(1));

	private DnsSettings dns = new DnsSettings(Duration.ofSeconds(30), Duration.ofSeconds(5));

	private TestSettings() {
	}

	static TestSettings to(UpstreamServer... servers) {
		TestSettings settings = new TestSettings();
		for (UpstreamServer server : servers) {
			settings.endpoint("127.0.0.1:" + server.port());
		}
		return settings;
	}

	TestSettings endpoint(String address) {
		this.endpoints.add(address);
		return this;
	}

	TestSettings balance(Balance wanted) {
		this.balance = wanted;
		return this;
	}

	TestSettings minIdle(int links) {
		this.minIdle = links;
		return this;
	}

	TestSettings max(int links) {
		this.max = links;
		return this;
	}

	TestSettings acquireTimeout(Duration timeout) {
		this.acquireTimeout = timeout;
		return this;
	}

	TestSettings maxWaiting(int borrowers) {
		this.maxWaiting = borrowers;
		return this;
	}

	TestSettings idleTimeout(Duration timeout) {
		this.idleTimeout = timeout;
		return this;
	}

	TestSettings maxLifetime(Duration lifetime) {
		this.maxLifetime = lifetime;
		return this;
	}

	TestSettings maxPendingOutput(DataSize size) {
		this.maxPendingOutput = size;
		return this;
	}

	TestSettings pauseTimeout(Duration timeout) {
		this.pauseTimeout = timeout;
		return this;
	}

	/** Pauses of this length, without growth and chance. */
	TestSettings reconnectAfter(Duration pause) {
		this.reconnect = new ReconnectSettings(pause, pause, 1, 0);
		return this;
	}

	TestSettings eject(int afterFailures, Duration ban) {
		this.ejection = new EjectionSettings(afterFailures, ban);
		return this;
	}

	TestSettings dns(Duration refresh, Duration timeout) {
		this.dns = new DnsSettings(refresh, timeout);
		return this;
	}

	TestSettings heartbeat(Duration interval, int maxMissed) {
		this.liveness = new LinkLivenessSettings(interval, maxMissed);
		return this;
	}

	UpstreamSettings build() {
		return new UpstreamSettings(this.endpoints, "length32", this.balance,
				new LinksSettings(this.minIdle, this.max, this.acquireTimeout, this.maxWaiting, 64, this.idleTimeout,
						this.maxLifetime, Duration.ofSeconds(5), Duration.ofSeconds(30), this.maxPendingOutput,
						this.pauseTimeout),
				this.liveness, TcpSettings.DEFAULT, this.reconnect, this.ejection, this.dns);
	}

}
