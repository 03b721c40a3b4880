package io.holdfast.upstream;

import java.net.ConnectException;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ConditionTests {

	private static final long BAN = Duration.ofSeconds(10).toNanos();

	private final UpstreamSettings settings = TestSettings.to()
		.endpoint("10.0.0.1:1")
		.endpoint("10.0.0.2:1")
		.eject(3, Duration.ofNanos(BAN))
		.reconnectAfter(Duration.ofMillis(100))
		.build();

	private final Endpoints endpoints = new Endpoints(this.settings.addresses(), Balance.ROUND_ROBIN);

	private final List<Endpoint> both = this.endpoints.stream().toList();

	private final Endpoint first = this.both.get(0);

	private final Endpoint second = this.both.get(1);

	private final Condition condition = new Condition("billing", this.settings, this.endpoints);

	private long now;

	@Test
	void endpointIsEjectedOnceItsFailuresOutweighItsAnswers() {
		this.first.tally().answered();
		this.first.tally().answered();
		assertThat(failed(this.first)).isFalse();
		this.now += Duration.ofSeconds(3).toNanos();
		this.first.tally().sample(this.now);
		assertThat(failed(this.first)).isFalse();
		assertThat(failed(this.first)).isFalse();
		assertThat(failed(this.first)).isTrue();
		assertThat(this.first.isEjected()).isTrue();
		assertThat(this.second.isEjected()).isFalse();
	}

	@Test
	void endpointIsTakenBackOnTrialWhenItsBanIsOver() {
		eject(this.first);
		this.now = BAN - 1;
		this.condition.endBans(this.now);
		assertThat(this.first.isEjected()).isTrue();
		this.now = BAN;
		this.condition.endBans(this.now);
		assertThat(this.first.isEjected()).isFalse();
		assertThat(failed(this.first)).isTrue();
	}

	@Test
	void bansGrowWithEachInARowUpToTenTimes() {
		eject(this.first);
		for (int times = 2; times <= 15; times++) {
			this.now += BAN * 20;
			this.condition.endBans(this.now);
			assertThat(failed(this.first)).isTrue();
			assertThat(EndpointInfo.of(this.first, this.now).nextAttempt())
				.isEqualTo(Duration.ofNanos(BAN * Math.min(10, times)));
		}
	}

	@Test
	void bansStartAnewAfterAnAnswer() {
		eject(this.first);
		this.now += BAN;
		this.condition.endBans(this.now);
		assertThat(failed(this.first)).isTrue();
		this.now += 2 * BAN;
		this.condition.endBans(this.now);
		this.condition.answered(this.first, this.now, this.now);
		eject(this.first);
		assertThat(EndpointInfo.of(this.first, this.now).nextAttempt()).isEqualTo(Duration.ofNanos(BAN));
	}

	@Test
	void lastEndpointIsDownInsteadOfEjected() {
		eject(this.first);
		assertThat(failed(this.second)).isFalse();
		assertThat(failed(this.second)).isFalse();
		assertThat(this.condition.isDown()).isFalse();
		assertThat(failed(this.second)).isFalse();
		assertThat(this.second.isEjected()).isFalse();
		assertThat(this.condition.isDown()).isTrue();
		this.condition.answered(this.second, this.now, this.now);
		assertThat(this.condition.isDown()).isFalse();
	}

	@Test
	void upstreamIsDownOnceNoLinkIsLeftAndUpWithTheNext() {
		connectFailed(this.first, false);
		assertThat(this.condition.isDown()).isFalse();
		connectFailed(this.second, true);
		assertThat(this.condition.isDown()).isTrue();
		this.condition.connected(this.first, this.now);
		assertThat(this.condition.isDown()).isFalse();
	}

	@Test
	void attemptsThatFailSideBySideCountAsOne() {
		connectFailed(this.first, true);
		connectFailed(this.first, true);
		assertThat(this.first.connectFailures()).isEqualTo(1);
		this.now += Duration.ofMillis(100).toNanos();
		connectFailed(this.first, true);
		assertThat(this.first.connectFailures()).isEqualTo(2);
	}

	@Test
	void linkThatLivesProvesAnEndpointThatWasNotReached() {
		connectFailed(this.first, true);
		this.condition.lived(this.first, this.now, this.now);
		assertThat(this.first.connectFailures()).isZero();
	}

	@Test
	void linkThatLivesProvesNothingOfAnEndpointThatDoesNotAnswer() {
		connectFailed(this.first, true);
		failed(this.first);
		this.condition.lived(this.first, this.now, this.now);
		assertThat(this.first.tally().failures()).isEqualTo(1);
		assertThat(this.first.connectFailures()).isEqualTo(1);
	}

	private void connectFailed(Endpoint endpoint, boolean noLinks) {
		this.condition.connectFailed(endpoint, new ConnectException("refused"), noLinks, this.now);
	}

	private boolean failed(Endpoint endpoint) {
		return this.condition.failed(endpoint, "client", true, this.now);
	}

	private void eject(Endpoint endpoint) {
		assertThat(failed(endpoint)).isFalse();
		assertThat(failed(endpoint)).isFalse();
		assertThat(failed(endpoint)).isTrue();
	}

}
