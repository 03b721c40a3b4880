package io.holdfast.upstream;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of one upstream, and which of them is next. Guarded by the pool's lock.
 */
final class Endpoints {

	private static final Comparator<Endpoint> FEWEST_LINKS = Comparator.comparingInt(Endpoint::load);

	private static final Comparator<Endpoint> SOUND_FIRST = Comparator.comparing(Endpoint::isDoubtful);

	private static final Comparator<Endpoint> FEWEST_LENT = Comparator.comparingInt(Endpoint::lent);

	private final Balance balance;

	private final List<Endpoint> all = new ArrayList<>();

	private int turn;

	Endpoints(List<EndpointAddress> addresses, Balance balance) {
		this.balance = balance;
		addresses.forEach((address) -> this.all.add(new Endpoint(address, literal(address))));
	}

	private static @Nullable InetSocketAddress literal(EndpointAddress address) {
		if (!NameLookup.isAddress(address.host())) {
			return null;
		}
		try {
			return new InetSocketAddress(InetAddress.getByName(address.host()), address.port());
		}
		catch (UnknownHostException ex) {
			throw new IllegalArgumentException(address.host(), ex);
		}
	}

	Stream<Endpoint> stream() {
		return this.all.stream();
	}

	int count() {
		return this.all.size();
	}

	/** Idle links of all of them. */
	int idle() {
		return this.all.stream().mapToInt(Endpoint::idle).sum();
	}

	/**
	 * Takes an idle link: one of the loop if possible, of the endpoint that is next.
	 * @param anyLoop whether a link of another loop will do
	 */
	@Nullable Link takeIdle(EventLoop loop, boolean anyLoop) {
		List<Endpoint> order = inOrder();
		for (Endpoint endpoint : order) {
			Link link = endpoint.isEjected() ? null : anyLoop ? endpoint.takeIdle() : endpoint.takeIdle(loop);
			if (link != null) {
				this.turn = this.all.indexOf(endpoint) + 1;
				return link;
			}
		}
		return null;
	}

	/** The idle link that has not been used for longest. */
	Optional<Link> leastUsed(long now) {
		return this.all.stream()
			.flatMap(Endpoint::leastUsed)
			.max(Comparator.comparingLong((link) -> now - link.tenure.sinceNanos));
	}

	/** How many idle links each loop has. */
	Map<EventLoop, Integer> idleByLoop() {
		Map<EventLoop, Integer> counts = new HashMap<>();
		this.all.forEach((endpoint) -> endpoint.countIdle(counts));
		return counts;
	}

	private List<Endpoint> inOrder() {
		int size = this.all.size();
		if (size == 1) {
			return this.all;
		}
		List<Endpoint> order = new ArrayList<>(size);
		for (int i = 0; i < size; i++) {
			order.add(this.all.get((this.turn + i) % size));
		}
		if (this.balance == Balance.LEAST_PENDING) {
			order.sort(FEWEST_LENT);
		}
		return order;
	}

	/**
	 * The endpoint that should have one more link and may be connected to now.
	 */
	@Nullable Endpoint toConnect(int warm, boolean kept, long now) {
		return inOrder().stream()
			.filter((endpoint) -> endpoint.mayConnect(warm, kept, now))
			.min(SOUND_FIRST.thenComparing(FEWEST_LINKS))
			.orElse(null);
	}

	/** Whether connecting is likely to succeed with one of them. */
	boolean hasSound() {
		return this.all.stream().anyMatch((endpoint) -> !endpoint.isEjected() && !endpoint.isDoubtful());
	}

	/** The endpoints that failed to be connected to and may be tried again. */
	Stream<Endpoint> toProbe(long now) {
		return this.all.stream().filter((endpoint) -> endpoint.isDoubtful() && endpoint.mayConnect(1, false, now));
	}

	/** An idle link of the loop to an endpoint that is none of these. */
	@Nullable Link takeIdleBeside(EventLoop loop, Set<Endpoint> covered) {
		for (Endpoint endpoint : this.all) {
			Link link = (endpoint.isEjected() || covered.contains(endpoint)) ? null : endpoint.takeIdle(loop);
			if (link != null) {
				return link;
			}
		}
		return null;
	}

	Optional<Endpoint> toConnectBeside(Set<Endpoint> covered, long now) {
		return this.all.stream()
			.filter((endpoint) -> !covered.contains(endpoint) && endpoint.mayConnect(1, false, now))
			.min(FEWEST_LINKS);
	}

	/** Endpoints that frames may go to. */
	int usable() {
		return (int) this.all.stream().filter((endpoint) -> !endpoint.isEjected()).count();
	}

	/** Whether frames have somewhere to go if this endpoint is left out. */
	boolean hasOtherThan(Endpoint endpoint) {
		return this.all.stream().anyMatch((other) -> other != endpoint && !other.isEjected() && !other.isDoubtful());
	}

	/**
	 * Takes over what a look-up has found: new addresses come, and those that are not
	 * named any more leave.
	 * @return those that have left
	 */
	List<Endpoint> resolved(EndpointAddress name, List<InetAddress> addresses) {
		List<InetSocketAddress> found = addresses.stream()
			.map((address) -> new InetSocketAddress(address, name.port()))
			.distinct()
			.toList();
		List<Endpoint> before = this.all.stream().filter((endpoint) -> endpoint.name().equals(name)).toList();
		List<Endpoint> left = before.stream().filter((endpoint) -> !found.contains(endpoint.address())).toList();
		List<InetSocketAddress> known = before.stream().map(Endpoint::address).toList();
		int at = this.all.indexOf(before.get(0));
		this.all.addAll(at,
				found.stream()
					.filter((address) -> !known.contains(address))
					.map((address) -> new Endpoint(name, address))
					.toList());
		left.forEach(Endpoint::leave);
		this.all.removeAll(left);
		return left;
	}

	/**
	 * Where an attempt goes that was meant for an endpoint which a look-up has replaced.
	 */
	Endpoint successorOf(Endpoint endpoint) {
		if (!endpoint.isGone()) {
			return endpoint;
		}
		return this.all.stream()
			.filter((other) -> other.name().equals(endpoint.name()))
			.min(FEWEST_LINKS)
			.orElse(endpoint);
	}

}
