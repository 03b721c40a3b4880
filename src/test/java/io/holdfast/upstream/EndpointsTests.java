package io.holdfast.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class EndpointsTests {

	private static final EndpointAddress NAME = new EndpointAddress("billing", 7001);

	@Test
	void attemptsGoToTheEndpointWithTheFewestLinks() {
		Endpoints endpoints = endpoints("10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1");
		assertThat(Stream.generate(() -> connect(endpoints)).limit(6)).containsExactly("10.0.0.1:1", "10.0.0.2:1",
				"10.0.0.3:1", "10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1");
	}

	@Test
	void endpointThatMayNotBeConnectedToIsPassedOver() {
		Endpoints endpoints = endpoints("10.0.0.1:1", "10.0.0.2:1");
		endpoints.stream().findFirst().orElseThrow().eject();
		assertThat(connect(endpoints)).isEqualTo("10.0.0.2:1");
		assertThat(connect(endpoints)).isEqualTo("10.0.0.2:1");
		assertThat(endpoints.usable()).isEqualTo(1);
		assertThat(endpoints.count()).isEqualTo(2);
	}

	@Test
	void attemptBesideGoesToAnEndpointThatIsNotCovered() {
		Endpoints endpoints = endpoints("10.0.0.1:1", "10.0.0.2:1");
		Endpoint first = endpoints.stream().findFirst().orElseThrow();
		assertThat(endpoints.toConnectBeside(Set.of(first), 0)).hasToString("Optional[10.0.0.2:1]");
		assertThat(endpoints.toConnectBeside(Set.copyOf(endpoints.stream().toList()), 0)).isEmpty();
	}

	@Test
	void endpointThatCannotBeConnectedToIsNoOtherToRelyOn() {
		Endpoints endpoints = endpoints("10.0.0.1:1", "10.0.0.2:1");
		List<Endpoint> both = endpoints.stream().toList();
		assertThat(endpoints.hasOtherThan(both.get(0))).isTrue();
		both.get(1).connectFailed(0);
		assertThat(endpoints.hasOtherThan(both.get(0))).isFalse();
		assertThat(endpoints.hasOtherThan(both.get(1))).isTrue();
	}

	@Test
	void nameStandsForItsAddressesInTheirOrderOnceItIsLookedUp() {
		Endpoints endpoints = endpoints("10.0.0.1:1", "billing:7001", "10.0.0.2:1");
		assertThat(texts(endpoints)).containsExactly("10.0.0.1:1", "billing:7001", "10.0.0.2:1");
		List<Endpoint> left = endpoints.resolved(NAME, addresses("10.1.0.1", "10.1.0.2", "10.1.0.3"));
		assertThat(left).hasSize(1).allMatch(Endpoint::isGone);
		assertThat(texts(endpoints)).containsExactly("10.0.0.1:1", "billing:7001 (10.1.0.1:7001)",
				"billing:7001 (10.1.0.2:7001)", "billing:7001 (10.1.0.3:7001)", "10.0.0.2:1");
	}

	@Test
	void addressThatIsStillNamedKeepsWhatIsKnownOfIt() {
		Endpoints endpoints = endpoints("billing:7001");
		endpoints.resolved(NAME, addresses("10.1.0.1", "10.1.0.2"));
		Endpoint kept = endpoints.stream().skip(1).findFirst().orElseThrow();
		kept.tally().failed("client", 0);
		List<Endpoint> left = endpoints.resolved(NAME, addresses("10.1.0.2", "10.1.0.3"));
		assertThat(left).singleElement().hasToString("billing:7001 (10.1.0.1:7001)").matches(Endpoint::isGone);
		assertThat(endpoints.stream()).hasSize(2).contains(kept);
		assertThat(kept.isGone()).isFalse();
		assertThat(kept.tally().failures()).isEqualTo(1);
		assertThat(texts(endpoints)).containsExactlyInAnyOrder("billing:7001 (10.1.0.2:7001)",
				"billing:7001 (10.1.0.3:7001)");
	}

	@Test
	void sameAnswerChangesNothing() {
		Endpoints endpoints = endpoints("billing:7001");
		endpoints.resolved(NAME, addresses("10.1.0.1", "10.1.0.2"));
		List<Endpoint> before = endpoints.stream().toList();
		assertThat(endpoints.resolved(NAME, addresses("10.1.0.2", "10.1.0.1", "10.1.0.1"))).isEmpty();
		assertThat(endpoints.stream()).containsExactlyElementsOf(before);
	}

	@Test
	void attemptForANameGoesToItsLeastUsedAddress() {
		Endpoints endpoints = endpoints("billing:7001");
		Endpoint unresolved = endpoints.stream().findFirst().orElseThrow();
		endpoints.resolved(NAME, addresses("10.1.0.1", "10.1.0.2"));
		Endpoint first = endpoints.successorOf(unresolved);
		assertThat(first).hasToString("billing:7001 (10.1.0.1:7001)");
		first.begin();
		Endpoint second = endpoints.successorOf(unresolved);
		assertThat(second).hasToString("billing:7001 (10.1.0.2:7001)");
		assertThat(endpoints.successorOf(second)).isSameAs(second);
	}

	private static Endpoints endpoints(String... addresses) {
		return new Endpoints(Stream.of(addresses).map(EndpointAddress::parse).toList(), Balance.ROUND_ROBIN);
	}

	private static List<InetAddress> addresses(String... numbers) {
		return Stream.of(numbers).map(EndpointsTests::address).toList();
	}

	private static InetAddress address(String numbers) {
		try {
			return InetAddress.getByName(numbers);
		}
		catch (UnknownHostException ex) {
			throw new IllegalArgumentException(numbers, ex);
		}
	}

	private static List<String> texts(Endpoints endpoints) {
		return endpoints.stream().map(Endpoint::toString).toList();
	}

	private static String connect(Endpoints endpoints) {
		Endpoint endpoint = Objects.requireNonNull(endpoints.toConnect(0, false, 0));
		endpoint.begin();
		endpoint.opened();
		return endpoint.toString();
	}

}
