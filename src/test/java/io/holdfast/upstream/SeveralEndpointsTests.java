package io.holdfast.upstream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.holdfast.testing.Scripts;
import io.holdfast.testing.UpstreamServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static io.holdfast.upstream.TestUpstream.eventually;
import static io.holdfast.upstream.TestUpstream.release;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Which of several servers links lead to.
 */
class SeveralEndpointsTests {

	@RegisterExtension
	private final TestUpstream upstreams = new TestUpstream();

	private final UpstreamServer first = this.upstreams.server(Scripts.echo());

	private final UpstreamServer second = this.upstreams.server(Scripts.echo());

	@Test
	void linksAreSpreadOverTheEndpoints() {
		Upstream upstream = this.upstreams.warm(both().minIdle(4));
		eventually(() -> assertThat(List.of(this.first.open(), this.second.open())).containsExactly(2, 2));
		assertThat(upstream.endpointCount()).isEqualTo(2);
		assertThat(upstream.info().endpoints()).extracting(EndpointInfo::address, EndpointInfo::links)
			.containsExactly(tuple(name(this.first), 2), tuple(name(this.second), 2));
	}

	@Test
	void endpointsTakeTurns() {
		Upstream upstream = this.upstreams.warm(both().minIdle(4));
		List<String> used = new ArrayList<>();
		for (int i = 0; i < 6; i++) {
			Link link = this.upstreams.borrow(upstream);
			used.add(link.toString());
			release(link);
		}
		assertThat(used).isSubsetOf(name(this.first), name(this.second));
		for (int i = 1; i < used.size(); i++) {
			assertThat(used.get(i)).isNotEqualTo(used.get(i - 1));
		}
	}

	@Test
	void endpointWithTheFewestLinksInUseIsNext() {
		Upstream upstream = this.upstreams.warm(both().balance(Balance.LEAST_PENDING).minIdle(6));
		List<Link> lent = this.upstreams.borrow(upstream, 4);
		assertThat(to(this.first, lent)).hasSize(2);
		to(this.second, lent).forEach(TestUpstream::release);
		assertThat(to(this.second, this.upstreams.borrow(upstream, 2))).hasSize(2);
	}

	@Test
	void linksLeadToTheOtherServerWhenOneIsKilled() {
		Upstream upstream = this.upstreams.warm(both().minIdle(4).reconnectAfter(Duration.ofHours(1)));
		eventually(() -> assertThat(this.first.accepted()).isEqualTo(2));
		this.first.close();
		eventually(() -> {
			assertThat(upstream.info().endpoints().get(0).links()).isZero();
			assertThat(upstream.info().links().idle()).isEqualTo(4);
		});
		assertThat(to(this.second, this.upstreams.borrow(upstream, 8))).hasSize(8);
		assertThat(upstream.info().down()).isFalse();
	}

	@Test
	void endpointWhoseRequestsFailIsEjectedWithItsLinks() {
		Upstream upstream = this.upstreams.warm(both().minIdle(4).eject(3, Duration.ofHours(1)));
		Link lent = to(this.first, this.upstreams.borrow(upstream, 2)).get(0);
		fail(lent, 2);
		assertThat(upstream.endpointCount()).isEqualTo(2);
		fail(lent, 1);
		assertThat(upstream.endpointCount()).isEqualTo(1);
		assertThat(upstream.info().endpoints().get(0).state()).isEqualTo(EndpointInfo.State.EJECTED);
		assertThat(lent.isRetiring()).isTrue();
		assertThat(lent.isOpen()).isTrue();
		assertThat(to(this.second, this.upstreams.borrow(upstream, 6))).hasSize(6);
		long evicted = upstream.info().evicted().getOrDefault(Eviction.ENDPOINT, 0L);
		release(lent);
		assertThat(upstream.info().evicted()).isEqualTo(Map.of(Eviction.ENDPOINT, evicted + 1));
		eventually(() -> assertThat(this.first.open()).isZero());
	}

	@Test
	void endpointThatAnswersMoreThanItFailsIsNotEjected() {
		Upstream upstream = this.upstreams.warm(both().minIdle(4).eject(3, Duration.ofHours(1)));
		Link lent = to(this.first, this.upstreams.borrow(upstream, 2)).get(0);
		for (int i = 0; i < 8; i++) {
			Object client = new Object();
			lent.answered();
			lent.answered();
			lent.timedOut(client);
		}
		assertThat(upstream.endpointCount()).isEqualTo(2);
		assertThat(upstream.info().endpoints().get(0).failures()).isZero();
	}

	@Test
	void ejectedEndpointIsUsedAgainWhenItsBanIsOver() {
		Upstream upstream = this.upstreams.warm(both().minIdle(2).eject(2, Duration.ofMillis(50)));
		fail(to(this.first, this.upstreams.borrow(upstream, 2)).get(0), 2);
		assertThat(upstream.info().endpoints().get(0).state()).isEqualTo(EndpointInfo.State.EJECTED);
		eventually(() -> {
			assertThat(upstream.info().endpoints().get(0).state()).isEqualTo(EndpointInfo.State.UP);
			assertThat(upstream.endpointCount()).isEqualTo(2);
		});
		// the lent links are still there, so a new one shows that it is used
		assertThat(to(this.first, this.upstreams.borrow(upstream, 4))).isNotEmpty();
	}

	@Test
	void attemptUnderWayToAnEjectedEndpointIsNotLent() throws Exception {
		Upstream upstream = this.upstreams.start(both().eject(1, Duration.ofHours(1)));
		Link lent = this.upstreams.borrow(upstream);
		Link other = this.upstreams.borrow(upstream);
		Link reused = to(this.first, List.of(lent, other)).get(0);
		AutoCloseable held = this.upstreams.hold(this.upstreams.otherLoop());
		// two more links are on their way, one to each endpoint
		TestBorrower one = new TestBorrower(this.upstreams.otherLoop()).waitFor(upstream);
		TestBorrower two = new TestBorrower(this.upstreams.otherLoop()).waitFor(upstream);
		assertThat(upstream.info().links().connecting()).isEqualTo(2);
		fail(reused, 1);
		held.close();
		assertThat(to(this.second, List.of(one.link(), two.link()))).hasSize(2);
		eventually(() -> assertThat(upstream.info().links().connecting()).isZero());
		assertThat(upstream.info().endpoints().get(0).lent()).isEqualTo(1);
		assertThat(upstream.info().endpoints().get(0).idle()).isZero();
	}

	@Test
	void lastEndpointIsNeverEjected() {
		Upstream upstream = this.upstreams.start(both().eject(2, Duration.ofHours(1)));
		List<Link> lent = this.upstreams.borrow(upstream, 2);
		fail(to(this.first, lent).get(0), 5);
		Link last = to(this.second, lent).get(0);
		fail(last, 5);
		assertThat(upstream.info().endpoints()).extracting(EndpointInfo::state)
			.containsExactly(EndpointInfo.State.EJECTED, EndpointInfo.State.UP);
		assertThat(upstream.info().down()).isTrue();
		assertThat(to(this.second, List.of(this.upstreams.borrow(upstream)))).hasSize(1);
		last.answered();
		assertThat(upstream.info().down()).isFalse();
	}

	@Test
	void linkBesideThoseHeldLeadsToAnotherEndpoint() {
		Upstream upstream = this.upstreams.start(both());
		Link held = this.upstreams.borrow(upstream);
		assertThat(upstream.acquireBeside(this.upstreams.loop(), List.of(held))).isNull();
		eventually(() -> assertThat(upstream.info().links().idle()).isEqualTo(1));
		assertThat(upstream.acquireBeside(this.upstreams.otherLoop(), List.of())).isNull();
		Link beside = upstream.acquireBeside(this.upstreams.loop(), List.of(held));
		assertThat(beside).isNotNull().matches((link) -> !link.hasEndpointOf(held));
	}

	private TestSettings both() {
		return TestSettings.to(this.first, this.second);
	}

	private static void fail(Link link, int times) {
		Stream.generate(() -> link).limit(times).forEach((one) -> one.timedOut("client"));
	}

	private static String name(UpstreamServer server) {
		return "127.0.0.1:" + server.port();
	}

	private static List<Link> to(UpstreamServer server, List<Link> links) {
		return links.stream().filter((link) -> link.toString().equals(name(server))).toList();
	}

}
