package io.holdfast.listener;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.Set;

import io.holdfast.transport.Hold;
import io.holdfast.transport.NettyServerConnectionFactory;
import io.holdfast.transport.TrafficTotals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.Lifecycle;
import org.springframework.context.SmartLifecycle;

/**
 * A bound port. Opens after everything else of the application has started and closes
 * before anything else stops. A port that cannot be bound stops the start. Any thread;
 * changes are guarded by this.
 */
public final class Listener implements SmartLifecycle {

	private static final Duration BIND_TIMEOUT = Duration.ofSeconds(10);

	private static final Logger logger = LoggerFactory.getLogger(Listener.class);

	private final String name;

	private final String description;

	private final InetSocketAddress configured;

	private final NettyServerConnectionFactory server;

	private final Lifecycle receiver;

	private volatile ListenerState state = ListenerState.STOPPED;

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

	/**
	 * Tells whether it accepts connections.
	 */
	public ListenerState state() {
		return this.state;
	}

	/**
	 * Why its open port accepts nobody at the moment, of its own or because of what all
	 * ports share; empty if it accepts.
	 */
	public Set<Hold> holds() {
		return this.server.holds();
	}

	/**
	 * Whether it has its port, paused or not.
	 */
	public boolean isListening() {
		return this.server.isListening();
	}

	/**
	 * Accepts nobody until {@link #resume()}. The port stays open: who connects waits in
	 * the system's queue, for as long as the client wants, and once that is full its
	 * connect does. Does nothing while paused.
	 * @throws IllegalStateException if the port is closed
	 */
	public synchronized void pause() {
		if (this.state == ListenerState.LISTENING) {
			this.server.pauseAccepting();
			this.state = ListenerState.PAUSED;
			logger.info("listener '{}' - paused, with {} connections", this.name, connections());
		}
		else if (this.state != ListenerState.PAUSED) {
			throw new IllegalStateException("listener '" + this.name + "' has closed its port; resume it instead");
		}
	}

	/**
	 * Accepts again after a pause, or binds again after {@link #closePort()}.
	 * @throws ListenerNotBoundException if the port cannot be bound
	 */
	public synchronized void resume() {
		switch (this.state) {
			case LISTENING, STOPPED -> {
			}
			case PAUSED -> {
				this.server.resumeAccepting();
				this.state = ListenerState.LISTENING;
				logger.info("listener '{}' - resumed", this.name);
			}
			case DRAINING -> {
				try {
					this.server.reopenPort();
				}
				catch (IOException ex) {
					throw new ListenerNotBoundException(this.name, this.configured, ex);
				}
				this.state = ListenerState.LISTENING;
				logger.info("listener '{}' - resumed, bound to {}:{}", this.name, this.configured.getHostString(),
						this.server.getPort());
			}
		}
	}

	/**
	 * Closes the port and keeps the connections. Who waits to be accepted is refused.
	 * @return whether it was open
	 */
	public synchronized boolean closePort() {
		if (this.state != ListenerState.LISTENING && this.state != ListenerState.PAUSED) {
			return false;
		}
		this.server.closePort();
		this.state = ListenerState.DRAINING;
		return true;
	}

	private int connections() {
		return this.server.getOpenConnectionIds().size();
	}

	/**
	 * Counts what has passed through all its connections so far.
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
	public synchronized void start() {
		this.receiver.start();
		try {
			this.server.awaitListening(BIND_TIMEOUT);
			this.state = ListenerState.LISTENING;
			logger.info("listener '{}' - bound to {}:{} ({})", this.name, this.configured.getHostString(),
					this.server.getPort(), this.description);
		}
		catch (IOException ex) {
			throw new ListenerNotBoundException(this.name, this.configured, ex);
		}
	}

	@Override
	public synchronized void stop() {
		if (isRunning()) {
			this.state = ListenerState.STOPPED;
			int open = connections();
			this.receiver.stop();
			logger.info("listener '{}' - closed, with {} connections", this.name, open);
		}
	}

	@Override
	public boolean isRunning() {
		return this.state != ListenerState.STOPPED;
	}

}
