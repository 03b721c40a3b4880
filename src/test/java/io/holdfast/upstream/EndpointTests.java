package io.holdfast.upstream;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class EndpointTests {

	// sums run beyond the end of the range, as they may with nanoseconds
	private long now = Long.MAX_VALUE - 5;

	private final Endpoint endpoint = new Endpoint(new EndpointAddress("127.0.0.1", 7001),
			new InetSocketAddress(InetAddress.getLoopbackAddress(), 7001));

	@Test
	void oneAttemptRunsAtATime() {
		assertThat(mayConnect(0)).isTrue();
		this.endpoint.begin();
		assertThat(mayConnect(0)).isFalse();
		this.endpoint.opened();
		assertThat(mayConnect(0)).isTrue();
	}

	@Test
	void asManyAttemptsRunAsMinIdleWants() {
		this.endpoint.begin();
		this.endpoint.begin();
		assertThat(mayConnect(3)).isTrue();
		this.endpoint.begin();
		assertThat(mayConnect(3)).isFalse();
	}

	@Test
	void attemptsForKeptLinksDoubleWithEachSuccessUpToSixtyFour() {
		for (int i = 0; i < 10; i++) {
			this.endpoint.begin();
			this.endpoint.opened();
		}
		for (int i = 0; i < 64; i++) {
			assertThat(this.endpoint.mayConnect(0, true, this.now)).isTrue();
			this.endpoint.begin();
		}
		assertThat(this.endpoint.mayConnect(0, true, this.now)).isFalse();
	}

	@Test
	void failedAttemptForbidsAnotherUntilItsTime() {
		this.endpoint.connectFailed(this.now);
		this.endpoint.mayConnectAt(this.now + 100);
		assertThat(mayConnect(5)).isFalse();
		assertThat(this.endpoint.isWaiting(this.now + 99)).isTrue();
		assertThat(this.endpoint.isWaiting(this.now + 100)).isFalse();
		assertThat(this.endpoint.mayConnect(5, true, this.now + 100)).isTrue();
	}

	@Test
	void oneAttemptRunsAtATimeAfterAFailureWhateverIsWanted() {
		this.endpoint.begin();
		this.endpoint.opened();
		this.endpoint.connectFailed(this.now);
		this.endpoint.mayConnectAt(this.now);
		assertThat(this.endpoint.mayConnect(5, true, this.now)).isTrue();
		this.endpoint.begin();
		assertThat(this.endpoint.mayConnect(5, true, this.now)).isFalse();
	}

	@Test
	void provenEndpointMayBeConnectedToAtOnce() {
		this.endpoint.connectFailed(this.now);
		this.endpoint.mayConnectAt(this.now + 100);
		assertThat(this.endpoint.reached(this.now)).isTrue();
		assertThat(mayConnect(1)).isTrue();
		assertThat(this.endpoint.connectFailures()).isZero();
		assertThat(this.endpoint.isSuspect()).isFalse();
	}

	@Test
	void linkFromBeforeAFailedAttemptProvesNothing() {
		this.endpoint.connectFailed(this.now);
		assertThat(this.endpoint.reached(this.now - 1)).isFalse();
		assertThat(this.endpoint.connectFailures()).isEqualTo(1);
	}

	@Test
	void ejectedEndpointIsNotConnectedTo() {
		this.endpoint.eject();
		this.endpoint.ejectUntil(this.now + 100);
		assertThat(mayConnect(1)).isFalse();
		assertThat(this.endpoint.isBanOver(this.now + 99)).isFalse();
		assertThat(this.endpoint.isBanOver(this.now + 100)).isTrue();
	}

	@Test
	void endpointThatHasLeftIsNotConnectedTo() {
		this.endpoint.leave();
		assertThat(mayConnect(1)).isFalse();
		assertThat(this.endpoint.isWaiting(this.now)).isFalse();
	}

	@Test
	void endpointOnTrialIsOneFailureFromTheNextBan() {
		this.endpoint.eject();
		this.endpoint.takeBackOnTrial(3);
		assertThat(this.endpoint.isEjected()).isFalse();
		assertThat(this.endpoint.wasEjected()).isTrue();
		assertThat(this.endpoint.isSuspect()).isTrue();
		this.endpoint.tally().failed("client", this.now);
		assertThat(this.endpoint.tally().failures()).isEqualTo(3);
		assertThat(this.endpoint.tally().speaksAgainst(3)).isTrue();
	}

	@Test
	void viewTellsStateAndTimeToTheNextAttempt() {
		assertThat(view().state()).isEqualTo(EndpointInfo.State.UNUSED);
		this.endpoint.connectFailed(this.now);
		this.endpoint.mayConnectAt(this.now + 100);
		assertThat(view().state()).isEqualTo(EndpointInfo.State.DOWN);
		assertThat(view().nextAttempt()).isEqualTo(Duration.ofNanos(100));
		this.endpoint.begin();
		this.endpoint.opened();
		assertThat(view().state()).isEqualTo(EndpointInfo.State.UP);
		this.endpoint.eject();
		this.endpoint.ejectUntil(this.now + 7);
		assertThat(view().state()).isEqualTo(EndpointInfo.State.EJECTED);
		assertThat(view().nextAttempt()).isEqualTo(Duration.ofNanos(7));
	}

	private EndpointInfo view() {
		return EndpointInfo.of(this.endpoint, this.now);
	}

	private boolean mayConnect(int warm) {
		return this.endpoint.mayConnect(warm, false, this.now);
	}

}
