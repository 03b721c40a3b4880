package io.holdfast.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import io.holdfast.Holdfast;
import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionEvent;
import io.holdfast.connection.ConnectionObserver;
import io.holdfast.connection.ConnectionRegistry;
import io.holdfast.listener.Listener;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The real application, on ports that the system chooses, in this process.
 */
public final class TestGateway implements AutoCloseable {

	private static final int READ_TIMEOUT_MILLIS = 10_000;

	private final ConfigurableApplicationContext context;

	private final List<ConnectionEvent> events = new CopyOnWriteArrayList<>();

	private final List<Socket> sockets = new ArrayList<>();

	private TestGateway(ConfigurableApplicationContext context) {
		this.context = context;
		ConnectionObserver recorder = this.events::add;
		context.getBean(ConnectionRegistry.class).observe(recorder);
	}

	/**
	 * Starts the application.
	 * @param flows configuration with flows of a user's own
	 * @param settings as {@code key=value}; unless they say otherwise, its drain does not
	 * wait, and cuts what has not left at once
	 */
	public static TestGateway start(@Nullable Class<?> flows, String... settings) {
		SpringApplication application = new SpringApplication(
				(flows != null) ? new Class<?>[] { Holdfast.class, flows } : new Class<?>[] { Holdfast.class });
		List<String> arguments = new ArrayList<>(List.of("--server.port=0"));
		for (String setting : settings) {
			arguments.add("--" + setting);
		}
		if (arguments.stream().noneMatch((argument) -> argument.startsWith("--gateway.drain.wait="))) {
			arguments.add("--gateway.drain.wait=0s");
		}
		if (Stream.of(settings).noneMatch((setting) -> setting.startsWith("gateway.drain."))) {
			arguments.add("--gateway.drain.timeout=200ms");
		}
		return new TestGateway(application.run(arguments.toArray(String[]::new)));
	}

	public static TestGateway start(String... settings) {
		return start(null, settings);
	}

	public <T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	public <T> T bean(String name, Class<T> type) {
		return this.context.getBean(name, type);
	}

	public ConnectionRegistry registry() {
		return bean(ConnectionRegistry.class);
	}

	public Listener listener(String name) {
		return bean(name + ".listener", Listener.class);
	}

	public int port(String listener) {
		return listener(listener).address().getPort();
	}

	public int managementPort() {
		return Integer.parseInt(String.valueOf(this.context.getEnvironment().getProperty("local.server.port")));
	}

	/**
	 * The port of a server that is for management alone.
	 */
	public int localManagementPort() {
		return Integer.parseInt(String.valueOf(this.context.getEnvironment().getProperty("local.management.port")));
	}

	/**
	 * A client that gives up reading after ten seconds; closed with the gateway.
	 */
	public Socket connect(String listener) throws IOException {
		return connect(listener, 0);
	}

	/**
	 * A client whose receive buffer is small, so that it soon takes no more.
	 * @param receiveBuffer in bytes, 0 for what the system gives
	 */
	public Socket connect(String listener, int receiveBuffer) throws IOException {
		Socket socket = new Socket();
		if (receiveBuffer > 0) {
			socket.setReceiveBufferSize(receiveBuffer);
		}
		socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port(listener)));
		socket.setSoTimeout(READ_TIMEOUT_MILLIS);
		this.sockets.add(socket);
		return socket;
	}

	/**
	 * The reasons of all closes so far, in order.
	 */
	public List<CloseReason> closeReasons() {
		return this.events.stream()
			.filter(ConnectionEvent.Closed.class::isInstance)
			.map((event) -> ((ConnectionEvent.Closed) event).reason())
			.toList();
	}

	/**
	 * How many closes had which reason.
	 */
	public Map<CloseReason, Integer> closes() {
		Map<CloseReason, Integer> counts = new ConcurrentHashMap<>();
		closeReasons().forEach((reason) -> counts.merge(reason, 1, Integer::sum));
		return counts;
	}

	/**
	 * Stops the application, as SIGTERM does, while its clients stay.
	 */
	public void stop() {
		this.context.close();
	}

	@Override
	public void close() throws IOException {
		for (Socket socket : this.sockets) {
			socket.close();
		}
		this.context.close();
	}

}
