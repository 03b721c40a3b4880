package io.holdfast.route;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.holdfast.listener.Listener;
import io.holdfast.testing.FrameClients;
import io.holdfast.testing.NumberedFrame;
import io.holdfast.testing.TestGateway;
import io.holdfast.upstream.Upstream;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A gateway with one relay to upstream servers of a test. Its reconnects are quick, so
 * that tests need not wait.
 */
final class RelayRig implements AutoCloseable {

	static final byte[] FAILURE = "no reply".getBytes(StandardCharsets.US_ASCII);

	private final TestGateway gateway;

	// looked up once: an application that has stopped has no beans
	private final Relay relay;

	private final Upstream upstream;

	private final Listener listener;

	private RelayRig(TestGateway gateway) {
		this.gateway = gateway;
		this.relay = gateway.bean("relay.route", Relay.class);
		this.upstream = gateway.bean("servers.upstream", Upstream.class);
		this.listener = gateway.listener("relay");
	}

	/**
	 * Starts the gateway.
	 * @param ports of the upstream servers
	 * @param settings more of them; those of the listener begin with {@code route.} or
	 * the like, those of the upstream with {@code links.} and {@code ejection.}
	 */
	static RelayRig start(Sharing sharing, List<Integer> ports, String... settings) {
		return start(null, sharing, ports, settings);
	}

	/**
	 * Starts the gateway.
	 * @param flows beans beside those of the application
	 */
	static RelayRig start(@Nullable Class<?> flows, Sharing sharing, List<Integer> ports, String... settings) {
		List<String> all = new ArrayList<>(List.of("gateway.protocols.numbered.extends=length32",
				"gateway.protocols.numbered.correlation.size=" + numberSize(sharing), "gateway.listeners.relay.port=0",
				"gateway.listeners.relay.protocol=numbered", "gateway.listeners.relay.route.mode=relay",
				"gateway.listeners.relay.route.upstream=servers",
				"gateway.listeners.relay.route.sharing=" + sharing.text(),
				"gateway.upstreams.servers.protocol=numbered", "gateway.upstreams.servers.reconnect.initial=20ms",
				"gateway.upstreams.servers.reconnect.max=100ms", "gateway.upstreams.servers.endpoints="
						+ ports.stream().map((port) -> "127.0.0.1:" + port).collect(Collectors.joining(","))));
		Arrays.stream(settings).map(RelayRig::key).forEach(all::add);
		// the last of a key holds
		Map<String, String> byKey = new LinkedHashMap<>();
		all.forEach((setting) -> byKey.put(setting.substring(0, setting.indexOf('=')), setting));
		return new RelayRig(TestGateway.start(flows, byKey.values().toArray(String[]::new)));
	}

	/**
	 * Where numbers are rewritten, clients use the same ones. Elsewhere, where a number
	 * only confirms that a reply is the right one, it takes in the client's id.
	 */
	private static int numberSize(Sharing sharing) {
		return (sharing == Sharing.CORRELATED) ? 4 : 8;
	}

	private static String key(String setting) {
		boolean ofUpstream = setting.startsWith("links.") || setting.startsWith("ejection.")
				|| setting.startsWith("balance") || setting.startsWith("reconnect.");
		return setting.startsWith("gateway.") ? setting
				: ofUpstream ? "gateway.upstreams.servers." + setting : "gateway.listeners.relay." + setting;
	}

	/** Failed requests are answered with {@link #FAILURE}. */
	static String[] answeringFailures(String... more) {
		return IntStream.range(0, more.length + 1)
			.mapToObj((i) -> (i < more.length) ? more[i] : "route.on-failure.reply.text=no reply")
			.toArray(String[]::new);
	}

	TestGateway gateway() {
		return this.gateway;
	}

	Relay relay() {
		return this.relay;
	}

	Upstream upstream() {
		return this.upstream;
	}

	int port() {
		return this.gateway.port("relay");
	}

	Socket connect() throws IOException {
		return this.gateway.connect("relay");
	}

	FrameClients clients(int count, int depth, Sharing sharing) {
		return FrameClients
			.start(new FrameClients.Options(port(), count, depth, 64, sharing != Sharing.CORRELATED, FAILURE, false));
	}

	static void send(Socket client, byte[] content) throws IOException {
		NumberedFrame.write(client.getOutputStream(), content);
	}

	static byte[] receive(Socket client) throws IOException {
		byte[] content = NumberedFrame.read(new DataInputStream(client.getInputStream()));
		return Objects.requireNonNull(content, "the end of the stream came in place of a frame");
	}

	long count(Outcome outcome) {
		return relay().count(outcome);
	}

	void awaitCount(Outcome outcome, long expected) {
		await().atMost(Duration.ofSeconds(10))
			.untilAsserted(() -> assertThat(count(outcome)).as(this::toString).isEqualTo(expected));
	}

	/**
	 * Waits until every frame that came in has its outcome. A request and its reply share
	 * one.
	 */
	void awaitThatCountsAddUp() {
		await().atMost(Duration.ofSeconds(20))
			.untilAsserted(() -> assertThat(outcomes()).as(this::toString).isEqualTo(framesIn()));
	}

	private long framesIn() {
		return this.listener.traffic().framesIn() + upstream().traffic().framesIn();
	}

	private long outcomes() {
		long sum = count(Outcome.REPLIED);
		for (Outcome outcome : Outcome.values()) {
			sum += count(outcome);
		}
		return sum;
	}

	void awaitThatPoolIsWarm() {
		int min = upstream().settings().links().minIdle();
		await().atMost(Duration.ofSeconds(20))
			.untilAsserted(
					() -> assertThat(upstream().info().links().idle()).as(this::toString).isGreaterThanOrEqualTo(min));
	}

	@Override
	public String toString() {
		return Arrays.stream(Outcome.values())
			.map((outcome) -> outcome.text() + "=" + count(outcome))
			.collect(Collectors.joining(", ")) + ", listener " + this.listener.traffic() + ", upstream "
				+ upstream().traffic() + ", " + upstream().info();
	}

	@Override
	public void close() throws IOException {
		this.gateway.close();
	}

}
