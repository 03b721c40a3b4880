package io.holdfast.listener;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

import io.holdfast.transport.NettyServerConnectionFactory;
import io.holdfast.transport.TrafficTotals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.SmartLifecycle;
import org.springframework.integration.endpoint.AbstractEndpoint;

/**
 * A bound port. Opens after everything else of the application has started and closes
 * before anything else stops. A port that cannot be bound stops the start.
 */
public final class Listener implements SmartLifecycle {

	private static final Duration BIND_TIMEOUT = Duration.ofSeconds(10);

	private static final Logger logger = LoggerFactory.getLogger(Listener.class);

	private final String name;

	private final String description;

	private final InetSocketAddress configured;

	private final NettyServerConnectionFactory server;

	private final List<AbstractEndpoint> endpoints;

	/**
	 * A listener that is started with the application.
	 * @param name as in the settings
	 * @param description what to tell of it when it is bound
	 * @param configured the address to bind, as in the settings
	 * @param server the factory, with everything set
	 * @param endpoints what carries frames to and from the factory, in the order in which
	 * it is started; the first of them opens the port
	 */
	public Listener(String name, String description, InetSocketAddress configured, NettyServerConnectionFactory server,
			List<AbstractEndpoint> endpoints) {
		this.name = name;
		this.description = description;
		this.configured = configured;
		this.server = server;
		this.endpoints = List.copyOf(endpoints);
	}

	public String name() {
		return this.name;
	}

	/**
	 * The address that is bound, or, while it is not, the one in the settings.
	 */
	public InetSocketAddress address() {
		return (this.server.getServerSocketAddress() instanceof InetSocketAddress bound) ? bound : this.configured;
	}

	public boolean isListening() {
		return this.server.isListening();
	}

	/**
	 * What has passed through all its connections so far.
	 */
	public TrafficTotals traffic() {
		return this.server.traffic();
	}

	/**
	 * The most connections it takes; empty for no limit but the machine's.
	 */
	public OptionalInt maxConnections() {
		return OptionalInt.empty();
	}

	/**
	 * Binds the port.
	 * @throws ListenerNotBoundException if that is not possible
	 */
	@Override
	public void start() {
		this.endpoints.forEach(AbstractEndpoint::start);
		try {
			InetSocketAddress bound = this.server.awaitListening(BIND_TIMEOUT);
			logger.info("listener '{}' - bound to {}:{} ({})", this.name, bound.getHostString(), bound.getPort(),
					this.description);
		}
		catch (IOException ex) {
			throw new ListenerNotBoundException(this.name, this.configured, ex);
		}
	}

	@Override
	public void stop() {
		if (this.server.isListening()) {
			int open = this.server.getOpenConnectionIds().size();
			for (int i = this.endpoints.size() - 1; i >= 0; i--) {
				this.endpoints.get(i).stop();
			}
			logger.info("listener '{}' - closed, with {} connections", this.name, open);
		}
	}

	@Override
	public boolean isRunning() {
		return this.server.isRunning();
	}

}
