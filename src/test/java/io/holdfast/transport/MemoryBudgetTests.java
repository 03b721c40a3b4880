package io.holdfast.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import io.holdfast.connection.CloseReason;
import io.holdfast.testing.TestGateway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.annotation.Bean;
import org.springframework.integration.dsl.IntegrationFlow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Many peers that each make the gateway hold a little more.
 */
@ParameterizedClass
@EnumSource(Transport.class)
class MemoryBudgetTests {

	private static final int LIMIT = 4 * 1024 * 1024;

	/** Together half as much again as the limit, each less than one connection may. */
	private static final int ATTACKERS = 100;

	private static final int HALF_FRAME = 60_000;

	private final TestGateway gateway;

	private final MemoryBudget memory;

	private final List<Socket> attackers = new ArrayList<>();

	MemoryBudgetTests(Transport transport) {
		assumeTrue(transport.isAvailable(), () -> transport + " cannot be had here");
		this.gateway = TestGateway.start("gateway.transport=" + transport, "gateway.limits.memory=4MB",
				"gateway.listeners.echo.port=0", "gateway.listeners.echo.protocol=length32",
				"gateway.listeners.echo.route.mode=echo", "gateway.listeners.echo.liveness.handshake-timeout=1d",
				"gateway.listeners.echo.liveness.frame-timeout=1d");
		this.memory = this.gateway.bean(EventLoops.class).memory();
	}

	@AfterEach
	void close() throws IOException {
		closeAttackers();
		this.gateway.close();
	}

	private void closeAttackers() throws IOException {
		for (Socket attacker : this.attackers) {
			attacker.close();
		}
	}

	@Test
	void halvesOfFramesAreClosedAsOverloadedAndOthersAreServed() throws IOException {
		Socket honest = this.gateway.connect("echo");
		assertThat(answers(honest, 1)).isTrue();
		for (int n = 0; n < ATTACKERS; n++) {
			attack();
		}
		await().until(() -> this.gateway.registry().count() == ATTACKERS + 1);
		for (Socket attacker : this.attackers) {
			sendHalf(attacker);
			assertThat(this.memory.used()).isLessThanOrEqualTo(LIMIT);
			assertThat(answers(honest, 3)).isTrue();
		}
		await().until(() -> this.gateway.closes().getOrDefault(CloseReason.OVERLOADED, 0) > 0);
		closeAttackers();
		await().until(() -> this.memory.used() == 0);
		assertThat(answers(honest, 1)).isTrue();
		assertThat(answers(this.gateway.connect("echo"), 2)).isTrue();
		assertThat(this.gateway.closes().keySet()).isSubsetOf(CloseReason.OVERLOADED, CloseReason.PEER_CLOSED,
				CloseReason.PEER_RESET);
	}

	@Test
	void nobodyIsAcceptedWhileMemoryIsShort() throws IOException {
		EventLoops loops = this.gateway.bean(EventLoops.class);
		while (!loops.ports().holds().contains(Hold.MEMORY)) {
			sendHalf(attack());
		}
		Socket late = this.gateway.connect("echo");
		late.getOutputStream().write(new byte[Integer.BYTES]);
		assertThat(loops.ports().holds()).containsExactly(Hold.MEMORY);
		closeAttackers();
		assertThat(late.getInputStream().readNBytes(Integer.BYTES)).containsOnly(0);
		assertThat(loops.ports().holds()).isEmpty();
	}

	@Test
	void peersThatDoNotReadHoldNoMoreThanTheLimitAndOthersAreServed() throws Exception {
		Socket honest = this.gateway.connect("echo");
		assertThat(answers(honest, 1)).isTrue();
		List<Thread> floods = new ArrayList<>();
		for (int n = 0; n < ATTACKERS; n++) {
			Socket attacker = attack();
			Thread flood = new Thread(() -> flood(attacker));
			flood.start();
			floods.add(flood);
		}
		await().until(() -> {
			assertThat(this.memory.used()).isLessThanOrEqualTo(LIMIT);
			assertThat(answers(honest, 1)).isTrue();
			return this.gateway.bean(EventLoops.class).ports().holds().contains(Hold.MEMORY)
					|| this.gateway.closes().containsKey(CloseReason.OVERLOADED);
		});
		for (int n = 0; n < ATTACKERS; n++) {
			assertThat(this.memory.used()).isLessThanOrEqualTo(LIMIT);
			assertThat(answers(honest, n)).isTrue();
		}
		closeAttackers();
		for (Thread flood : floods) {
			flood.join();
		}
		await().until(() -> this.memory.used() == 0);
		assertThat(answers(honest, 1)).isTrue();
		assertThat(answers(this.gateway.connect("echo"), 2)).isTrue();
	}

	@Test
	void framesThatWaitForAWorkerCountUntilTheyAreTaken() throws Exception {
		CountDownLatch release = new CountDownLatch(1);
		try (TestGateway channel = TestGateway.start(Stuck.class, "gateway.listeners.a.port=0",
				"gateway.listeners.a.protocol=length32", "gateway.listeners.a.route.mode=channel")) {
			channel.bean(Stuck.class).release = release;
			Socket client = channel.connect("a");
			byte[] frame = ByteBuffer.allocate(Integer.BYTES + HALF_FRAME).putInt(HALF_FRAME).array();
			client.getOutputStream().write(frame);
			client.getOutputStream().write(frame);
			MemoryBudget budget = channel.bean(EventLoops.class).memory();
			await().until(() -> budget.used() == HALF_FRAME);
			release.countDown();
			await().until(() -> budget.used() == 0);
		}
	}

	/** A flow that takes one frame and does not come back before it is told. */
	static class Stuck {

		private volatile CountDownLatch release = new CountDownLatch(0);

		@Bean
		IntegrationFlow stuck() {
			return IntegrationFlow.from("a.frames").handle((message) -> {
				try {
					this.release.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}).get();
		}

	}

	private Socket attack() throws IOException {
		Socket attacker = new Socket(InetAddress.getLoopbackAddress(), this.gateway.port("echo"));
		this.attackers.add(attacker);
		return attacker;
	}

	private static void sendHalf(Socket attacker) {
		try {
			byte[] half = new byte[Integer.BYTES + HALF_FRAME];
			ByteBuffer.wrap(half).putInt(HALF_FRAME + 1);
			attacker.getOutputStream().write(half);
		}
		catch (IOException ex) {
			// closed already, as others were
		}
	}

	private static void flood(Socket attacker) {
		try {
			byte[] frame = new byte[Integer.BYTES + HALF_FRAME];
			ByteBuffer.wrap(frame).putInt(HALF_FRAME);
			while (true) {
				attacker.getOutputStream().write(frame);
			}
		}
		catch (IOException ex) {
			// closed by the gateway, or at the end
		}
	}

	private static boolean answers(Socket client, int number) throws IOException {
		byte[] frame = ByteBuffer.allocate(2 * Integer.BYTES).putInt(Integer.BYTES).putInt(number).array();
		client.getOutputStream().write(frame);
		return Arrays.equals(client.getInputStream().readNBytes(frame.length), frame);
	}

}
