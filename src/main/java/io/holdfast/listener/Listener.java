package io.holdfast.listener;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.OptionalInt;

import io.holdfast.transport.NettyServerConnectionFactory;
import io.holdfast.transport.TrafficTotals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.Lifecycle;
import org.springframework.context.SmartLifecycle;

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

	private final Lifecycle receiver;

	private volatile boolean running;

	/**
	 * A listener that is started with the application.
	 * @param name as in the settings
	 * @param description what to tell of it when it is bound
	 * @param configured the address to bind, as in the settings
	 * @param server the factory, with everything set
	 * @param receiver hands the factory's frames on; starts and stops the factory
	 */
	public Listener(String name, String description, InetSocketAddress configured, NettyServerConnectionFactory server,
			Lifecycle receiver) {
		this.name = name;
		this.description = description;
		this.configured = configured;
		this.server = server;
		this.receiver = receiver;
	}

	public String name() {
		return this.name;
	}

	/**
	 * The address in the settings, with the port that is bound where they leave it to the
	 * system.
	 */
	public InetSocketAddress address() {
		return new InetSocketAddress(this.configured.getAddress(), this.server.getPort());
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
		this.receiver.start();
		try {
			this.server.awaitListening(BIND_TIMEOUT);
			this.running = true;
			logger.info("listener '{}' - bound to {}:{} ({})", this.name, this.configured.getHostString(),
					this.server.getPort(), this.description);
		}
		catch (IOException ex) {
			throw new ListenerNotBoundException(this.name, this.configured, ex);
		}
	}

	@Override
	public void stop() {
		if (this.running) {
			this.running = false;
			int open = this.server.getOpenConnectionIds().size();
			this.receiver.stop();
			logger.info("listener '{}' - closed, with {} connections", this.name, open);
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

}
