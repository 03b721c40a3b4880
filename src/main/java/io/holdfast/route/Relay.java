package io.holdfast.route;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import io.holdfast.connection.ConnectionRegistry;
import io.holdfast.protocol.Correlation;
import io.holdfast.protocol.Protocol;
import io.holdfast.transport.EventLoops;
import io.holdfast.transport.NettyTcpConnection;
import io.holdfast.upstream.Eviction;
import io.holdfast.upstream.Link;
import io.holdfast.upstream.Upstream;
import org.jspecify.annotations.Nullable;

import org.springframework.integration.ip.IpHeaders;
import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.integration.ip.tcp.connection.TcpSender;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHandler;
import org.springframework.messaging.MessageHeaders;

/**
 * Relays a listener's frames to an upstream and its replies back. Takes frames from the
 * listener's channel on the event loop of their connection, and never blocks.
 * <p>
 * Whoever looks at the frames on that channel and keeps one must copy it: where numbers
 * are rewritten, that is done in place.
 */
public final class Relay implements MessageHandler, TcpSender, Strays {

	private final String listener;

	private final RouteSettings settings;

	private final RelayContext context;

	private final Map<String, ClientLane> clients = new ConcurrentHashMap<>();

	private final Function<Client, Lane> lanes;

	/**
	 * A relay that is ready for frames.
	 * @param listener name of the listener
	 * @param settings of mode relay
	 * @param upstream where the frames go
	 * @param protocol that the upstream speaks
	 * @param registry closes clients
	 * @param loops the loops of both sides
	 */
	public Relay(String listener, RouteSettings settings, Upstream upstream, Protocol protocol,
			ConnectionRegistry registry, EventLoops loops) {
		this.listener = listener;
		this.settings = settings;
		this.context = new RelayContext(listener, registry, settings.onFailure(), protocol.oneWay(), loops::nanoTime);
		this.lanes = lanes(upstream, protocol.correlation());
		upstream.receive(this::unsolicited);
	}

	private Function<Client, Lane> lanes(Upstream upstream, @Nullable Correlation correlation) {
		Numbers numbers = (correlation != null) ? new Numbers(correlation) : null;
		long replyTimeout = this.settings.replyTimeout().toNanos();
		Sharing sharing = this.settings.sharing();
		if (sharing == null) {
			throw new IllegalArgumentException("a relay needs a way of sharing");
		}
		return switch (sharing) {
			case EXCLUSIVE ->
				(client) -> new ExclusiveLane(client, upstream, this, numbers, replyTimeout, this.context);
			case PIPELINED -> {
				SharedLinks links = new SharedLinks(upstream, () -> new InOrder(numbers), null, replyTimeout,
						this.context, this);
				yield (client) -> new SharedLane(client, links, upstream, this.context);
			}
			case CORRELATED -> {
				if (numbers == null) {
					throw new IllegalArgumentException("correlated needs to know where the number is");
				}
				int maxPending = upstream.settings().links().maxPending();
				SharedLinks links = new SharedLinks(upstream, () -> new ByNumber(numbers, maxPending), numbers,
						replyTimeout, this.context, this);
				yield (client) -> new SharedLane(client, links, upstream, this.context);
			}
			case DEDICATED -> {
				upstream.keepGreetings();
				yield (client) -> new DedicatedLane(client, upstream, this, replyTimeout, this.context);
			}
		};
	}

	/**
	 * Name of the listener whose frames are relayed.
	 */
	public String listener() {
		return this.listener;
	}

	/**
	 * How many frames had this outcome since the start.
	 */
	public long count(Outcome outcome) {
		return this.context.outcomes().of(outcome);
	}

	/**
	 * Tells an observer how long replies take, from now on, in place of any before.
	 */
	public void observe(RelayObserver observer) {
		this.context.outcomes().observe(observer);
	}

	@Override
	public void handleMessage(Message<?> message) {
		ClientLane client = clientOf(message.getHeaders());
		if (client != null && message.getPayload() instanceof byte[] frame) {
			client.lane.received(frame);
		}
		else {
			this.context.outcomes().count(Outcome.REFUSED);
		}
	}

	/** An interceptor may have put an id of its own in place of the connection's. */
	private @Nullable ClientLane clientOf(MessageHeaders headers) {
		ClientLane client = this.clients.get(String.valueOf(headers.get(IpHeaders.CONNECTION_ID)));
		return (client != null) ? client
				: this.clients.get(String.valueOf(headers.get(IpHeaders.ACTUAL_CONNECTION_ID)));
	}

	@Override
	public void addNewConnection(TcpConnection added) {
		NettyTcpConnection.beneath(added).ifPresent((connection) -> {
			Client client = new Client(connection, added, this.context);
			Lane lane = this.lanes.apply(client);
			client.onLoop().onIdle(lane::owedUntilNanos);
			this.clients.put(connection.getConnectionId(), new ClientLane(client, lane));
			client.onLoop().run(lane::opened);
		});
	}

	@Override
	public void removeDeadConnection(TcpConnection dead) {
		NettyTcpConnection.beneath(dead).ifPresent((connection) -> {
			ClientLane left = this.clients.remove(connection.getConnectionId());
			if (left != null) {
				left.client.onLoop().run(() -> {
					left.client.leave();
					left.lane.left();
				});
			}
		});
	}

	@Override
	public void unmatched(Link link, byte[] frame) {
		unsolicited(link, frame, /* first= */ true);
	}

	private void unsolicited(Link link, byte[] frame, boolean first) {
		if (first) {
			this.context.outcomes().count(Outcome.UNMATCHED_REPLY);
		}
		switch (this.settings.unmatched()) {
			case DROP -> {
			}
			case CLOSE -> link.discard(Eviction.UNREAD);
			case BROADCAST ->
				this.clients.values().forEach((one) -> one.client.onLoop().run(() -> one.client.push(frame)));
		}
	}

	@Override
	public void late() {
		this.context.outcomes().count(Outcome.UNMATCHED_REPLY);
	}

	private record ClientLane(Client client, Lane lane) {

	}

}
