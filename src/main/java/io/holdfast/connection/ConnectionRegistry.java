package io.holdfast.connection;

import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.holdfast.transport.NettyTcpConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.ApplicationListener;
import org.springframework.integration.ip.tcp.connection.TcpConnectionCloseEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionOpenEvent;

/**
 * All connections that the listeners have now. Any thread may ask and close; nothing here
 * blocks. Connections of other factories, such as those of an application's own flows,
 * are not its business.
 * <p>
 * It learns of connections from Spring Integration's events. A close may be told before,
 * during or after the opening; an entry never outlives its connection, provided that a
 * connection's {@code isOpen()} is false before its close event is published.
 */
public final class ConnectionRegistry implements ApplicationListener<TcpConnectionEvent> {

	private static final Logger logger = LoggerFactory.getLogger(ConnectionRegistry.class);

	private static final String FACTORY_SUFFIX = ".server";

	private final Clock clock;

	private final Map<String, Population> populations;

	private final Map<String, RegisteredConnection> connections = new ConcurrentHashMap<>();

	private final List<ConnectionObserver> observers = new CopyOnWriteArrayList<>();

	/**
	 * Creates a registry.
	 * @param clock tells when connections were opened
	 * @param listeners names of all listeners
	 */
	public ConnectionRegistry(Clock clock, Collection<String> listeners) {
		this.clock = clock;
		this.populations = listeners.stream()
			.collect(Collectors.toUnmodifiableMap(Function.identity(), Population::new));
	}

	/**
	 * Adds an observer of all events from now on. Observers are called in the order in
	 * which they were added.
	 * @param observer the observer
	 */
	public void observe(ConnectionObserver observer) {
		this.observers.add(new GuardedObserver(observer));
	}

	/**
	 * Closes a connection, also one that is leaving. It counts no more from now on; the
	 * socket is open until the peer has seen the end of what was sent to it, or takes
	 * none of it any more, see {@link NettyTcpConnection#part()}.
	 * @param id the connection's id
	 * @param reason why, unless a reason was given before
	 * @return whether this call closed it: false if there is no such connection, or if it
	 * is being closed already
	 */
	public boolean close(String id, CloseReason reason) {
		RegisteredConnection connection = this.connections.get(id);
		return connection != null && connection.close(reason);
	}

	/**
	 * Lets a connection leave in order: no further frame of it is taken, what it is owed
	 * is sent and then its protocol's goodbye. Takes as long as what is owed takes.
	 * @param id the connection's id
	 * @param reason why, unless a reason was given before
	 * @return whether it leaves for this call: false if there is no such connection, or
	 * if it is being closed already
	 */
	public boolean leave(String id, CloseReason reason) {
		RegisteredConnection connection = this.connections.get(id);
		return connection != null && connection.leave(reason);
	}

	/**
	 * Closes a connection at once, even one that is leaving, whatever it is owed.
	 * @param id the connection's id
	 * @param reason why, unless a reason was given before
	 */
	public void cut(String id, CloseReason reason) {
		RegisteredConnection connection = this.connections.get(id);
		if (connection != null) {
			connection.cut(reason);
		}
	}

	/**
	 * Whether a frame of the connection is under way, so that an end now would cost the
	 * peer something.
	 * @param id the connection's id
	 * @return false too if there is no such connection
	 */
	public boolean hasPending(String id) {
		RegisteredConnection connection = this.connections.get(id);
		return connection != null && connection.hasPending();
	}

	/**
	 * How many connections of some listeners have a frame under way. Asks each of them,
	 * but takes no snapshots.
	 * @param listeners their names
	 * @return the sum over them
	 */
	public int pending(Collection<String> listeners) {
		return (int) this.connections.values()
			.stream()
			.filter((each) -> listeners.contains(each.population().listener()) && each.hasPending())
			.count();
	}

	/**
	 * Looks one connection up.
	 * @param id the connection's id
	 * @return a snapshot, empty if there is no such connection
	 */
	public Optional<ConnectionInfo> find(String id) {
		return Optional.ofNullable(this.connections.get(id)).map(RegisteredConnection::info);
	}

	/**
	 * All connections, in no order. Each snapshot is taken when the stream comes to it.
	 * @return snapshots
	 */
	public Stream<ConnectionInfo> stream() {
		return this.connections.values().stream().map(RegisteredConnection::info);
	}

	/**
	 * How many connections all listeners have.
	 * @return the sum over the listeners
	 */
	public int count() {
		return this.populations.values().stream().mapToInt(Population::size).sum();
	}

	/**
	 * How many connections a listener has.
	 * @param listener the listener's name
	 * @return the number, 0 if there is no such listener
	 */
	public int count(String listener) {
		Population population = this.populations.get(listener);
		return (population != null) ? population.size() : 0;
	}

	/**
	 * How many connections some listeners have.
	 * @param listeners their names
	 * @return the sum over them
	 */
	public int count(Collection<String> listeners) {
		return listeners.stream().mapToInt(this::count).sum();
	}

	@Override
	public void onApplicationEvent(TcpConnectionEvent event) {
		if (event instanceof TcpConnectionOpenEvent) {
			NettyTcpConnection.beneath(event.getSource()).ifPresent(this::opened);
		}
		else if (event instanceof TcpConnectionCloseEvent) {
			NettyTcpConnection.beneath(event.getSource()).ifPresent(this::closed);
		}
	}

	private void opened(NettyTcpConnection connection) {
		String factory = connection.getConnectionFactoryName();
		Population population = factory.endsWith(FACTORY_SUFFIX)
				? this.populations.get(factory.substring(0, factory.length() - FACTORY_SUFFIX.length())) : null;
		if (population == null) {
			return;
		}
		RegisteredConnection entry = new RegisteredConnection(connection, population, this.clock.millis());
		// counted before it can be found: its close may come at once, and would count
		// below zero
		population.add();
		if (this.connections.putIfAbsent(connection.getConnectionId(), entry) != null) {
			population.remove();
			return;
		}
		ConnectionInfo info = entry.info();
		logger.debug("connection '{}' - opened at listener '{}'", info.id(), info.listener());
		tell(new ConnectionEvent.Opened(info));
		if (entry.announced()) {
			tellClosed(entry);
		}
		// its close event may have come before the entry
		if (!entry.isOpen()) {
			closed(connection);
		}
	}

	private void closed(NettyTcpConnection connection) {
		RegisteredConnection entry = this.connections.remove(connection.getConnectionId());
		if (entry == null) {
			return;
		}
		if (entry.ended()) {
			tellClosed(entry);
		}
	}

	/** Counts until all know of its end: who waits for none has heard of all then. */
	private void tellClosed(RegisteredConnection entry) {
		ConnectionEvent.Closed event = entry.closedEvent(this.clock.millis());
		logger.debug("connection '{}' - closed as {} after {}", event.connection().id(), event.reason().text(),
				event.lifetime());
		tell(event);
		entry.population().remove();
	}

	private void tell(ConnectionEvent event) {
		this.observers.forEach((observer) -> observer.on(event));
	}

}
