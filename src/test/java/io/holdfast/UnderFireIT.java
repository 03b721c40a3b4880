package io.holdfast;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.holdfast.testing.Attack;
import io.holdfast.testing.FrameClients;
import io.holdfast.testing.GatewayProcess;
import io.holdfast.testing.UpstreamProcess;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The jar with little memory, under each attack in turn, while honest clients check every
 * reply. One round; with the profile {@code soak}, rounds for ten minutes on the fastest
 * transport.
 */
class UnderFireIT {

	private static final int HONEST = 50;

	private static final Duration WAVE = Duration.ofSeconds(2);

	/** For the slowest machine; the rate itself is printed. */
	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final Duration SOAK = Duration.parse(System.getProperty("holdfast.soak", "PT0S"));

	static Stream<Arguments> setups() throws IOException {
		List<Path> homes = GatewayProcess.javaHomes().toList();
		if (!SOAK.isZero()) {
			return Stream.of(Arguments.of(homes.get(0), "io-uring"));
		}
		return homes.stream()
			.flatMap((home) -> Stream.of("io-uring", "epoll", "nio").map((transport) -> Arguments.of(home, transport)));
	}

	private static GatewayProcess gateway(Path home, String transport, int upstream) throws IOException {
		return GatewayProcess.start(new ProcessBuilder(home.resolve("bin/java").toString(), "-Xmx256m",
				"-XX:MaxDirectMemorySize=64m", "-jar", System.getProperty("holdfast.jar"), "--server.port=0",
				"--gateway.transport=" + transport, "--gateway.drain.wait=0s", "--gateway.listeners.echo.port=0",
				"--gateway.listeners.echo.protocol=length32", "--gateway.listeners.echo.route.mode=echo",
				"--gateway.listeners.relay.port=0", "--gateway.listeners.relay.protocol=length32",
				"--gateway.listeners.relay.route.mode=relay", "--gateway.listeners.relay.route.upstream=u",
				"--gateway.listeners.relay.route.sharing=correlated", "--gateway.protocols.numbered.extends=length32",
				"--gateway.protocols.numbered.correlation.size=4",
				"--gateway.upstreams.u.endpoints=127.0.0.1:" + upstream, "--gateway.upstreams.u.protocol=numbered"));
	}

	@ParameterizedTest
	@MethodSource("setups")
	void honestClientsGetTheirOwnRepliesAndTheRateComesBack(Path home, String transport) throws IOException {
		try (UpstreamProcess upstream = UpstreamProcess.start(0);
				GatewayProcess gateway = gateway(home, transport, upstream.port())) {
			int echo = gateway.awaitPort("echo");
			FrameClients.Options options = new FrameClients.Options(List.of(gateway.awaitPort("relay")), HONEST,
					/* depth= */ 1, /* size= */ 200, /* inOrder= */ true, null,
					/* reconnect= */ false);
			long end = System.nanoTime() + SOAK.toNanos();
			List<String> rates = new ArrayList<>();
			try (FrameClients clients = FrameClients.start(options)) {
				awaitReplies(clients, gateway);
				do {
					for (Attack attack : Attack.values()) {
						long before = clients.replied();
						long began = System.nanoTime();
						attack.on(echo, WAVE);
						long during = (clients.replied() - before) * 1_000_000_000L / (System.nanoTime() - began);
						began = System.nanoTime();
						awaitReplies(clients, gateway);
						rates.add("%s %d/s, then %d replies in %d ms".formatted(attack, during, 100 * HONEST,
								(System.nanoTime() - began) / 1_000_000));
					}
				}
				while (System.nanoTime() - end < 0);
				assertThat(clients.wrong()).as(clients::toString).isZero();
				assertThat(clients.duplicated()).isZero();
				assertThat(clients.broken()).isZero();
				assertThat(clients.closed()).isZero();
			}
			finally {
				System.out.println(home + " " + transport + "\n  " + String.join("\n  ", rates));
			}
			assertThat(gateway.output()).doesNotContain("OutOf", "OutOfMemory", "Exception");
		}
	}

	private static void awaitReplies(FrameClients clients, GatewayProcess gateway) {
		long before = clients.replied();
		await().atMost(PATIENCE)
			.untilAsserted(() -> assertThat(clients.replied()).as(() -> clients + "\n" + gateway.output())
				.isGreaterThan(before + 100 * HONEST));
	}

}
