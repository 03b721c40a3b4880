package io.holdfast.actuate;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionInfo;
import io.holdfast.liveness.MovedTime;
import io.holdfast.testing.TestGateway;
import io.holdfast.transport.EventLoops;
import io.holdfast.transport.Hold;
import io.holdfast.transport.Ports;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

/**
 * What an operator sees of listeners at the management port, and what they can do there
 * with a listener and with one of its connections.
 */
class ListenersEndpointTests {

	private TestGateway gateway;

	private ManagementPort port;

	@BeforeEach
	void start() {
		this.gateway = TestGateway.start(MovedTime.class, "gateway.protocols.talk.extends=line",
				"gateway.protocols.talk.goodbye.text=BYE", "gateway.listeners.a.port=0",
				"gateway.listeners.a.address=127.0.0.1", "gateway.listeners.a.protocol=talk",
				"gateway.listeners.a.route.mode=echo", "gateway.listeners.b.port=0",
				"gateway.listeners.b.protocol=line", "gateway.listeners.b.route.mode=echo", "gateway.drain.rate=2/s",
				"gateway.drain.timeout=2s");
		this.port = new ManagementPort(this.gateway);
	}

	@AfterEach
	void close() throws IOException {
		this.gateway.close();
	}

	private Socket connect(String listener) throws IOException {
		int before = this.gateway.registry().count();
		Socket client = this.gateway.connect(listener);
		Lines.exchange(client, "hello");
		await().until(() -> this.gateway.registry().count() == before + 1);
		return client;
	}

	private ListenerView command(String listener, String action) {
		return this.port.command("/listeners/" + listener, action, ListenerView.class);
	}

	private ListenerView view(String listener) {
		return this.port.get("/listeners/" + listener, ListenerView.class);
	}

	@Test
	void listenersAreShownByName() throws IOException {
		connect("a");
		int portOfA = this.gateway.port("a");
		await().untilAsserted(() -> assertThat(this.port.get("/listeners", ListenersView.class).listeners())
			.extracting(ListenerView::name, ListenerView::protocol, ListenerView::connections, ListenerView::bytesIn)
			.containsExactly(tuple("a", "talk", 1, 6L), tuple("b", "line", 0, 0L)));
		assertThat(view("a"))
			.isEqualTo(new ListenerView("a", "127.0.0.1:" + portOfA, "talk", "listening", List.of(), 1, 1, 1, 6, 6));
		assertThat(this.port.status("/listeners/nobody")).isEqualTo(404);
		this.port.post("/listeners/nobody", "{\"action\": \"pause\"}").expectStatus().isNotFound();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			{"action": "stop"} | parameter 'action' is 'stop': must be pause, resume or drain
			{} | parameter 'action' is missing; give pause, resume or drain, such as {"action": "pause"}
			| parameter 'action' is missing; give pause, resume or drain, such as {"action": "pause"}""")
	void otherActionIsRefusedWithTheKnownOnes(@Nullable String body, String message) {
		assertThat(this.port.refusal("/listeners/a", body)).isEqualTo(message);
		assertThat(view("a").state()).isEqualTo("listening");
	}

	@Test
	void whoConnectsToAPausedListenerWaitsUntilItIsResumed() throws IOException {
		Socket before = connect("a");
		assertThat(command("a", "pause").state()).isEqualTo("paused");
		assertThat(command("a", "pause").state()).isEqualTo("paused");
		assertThat(this.port.status("/health/readiness")).isEqualTo(200);
		Socket waiting = this.gateway.connect("a");
		Lines.send(waiting, "anybody?");
		Lines.exchange(before, "as before");
		// accepted later than the one that waits
		connect("b");
		assertThat(view("a").connections()).isEqualTo(1);
		assertThat(waiting.getInputStream().available()).isZero();

		assertThat(command("a", "resume").state()).isEqualTo("listening");
		assertThat(Lines.receive(waiting)).isEqualTo("anybody?");
		connect("a");
	}

	@Test
	void whyAPortAcceptsNobodyIsShown() throws IOException {
		Ports ports = this.gateway.bean(EventLoops.class).ports();
		ports.hold(Hold.MEMORY, "for the test");
		assertThat(view("a")).extracting(ListenerView::state, ListenerView::holds)
			.containsExactly("listening", List.of("memory"));
		assertThat(command("a", "pause").holds()).containsExactly("paused", "memory");
		assertThat(view("b").holds()).containsExactly("memory");
		ports.release(Hold.MEMORY, "for the test");
		assertThat(view("a").holds()).containsExactly("paused");
		assertThat(command("a", "resume").holds()).isEmpty();
		assertThat(command("a", "drain").holds()).isEmpty();
		connect("b");
	}

	@Test
	void drainedListenerHasNoPortUntilItIsResumed() throws IOException {
		int portOfA = this.gateway.port("a");
		Socket client = connect("a");
		Socket other = connect("b");
		assertThat(command("a", "drain").state()).isEqualTo("draining");
		assertThat(Lines.receive(client)).isEqualTo("BYE");
		assertThat(Lines.receive(client)).isEqualTo(Lines.END);
		client.close();
		await().until(() -> view("a").state().equals("drained"));
		assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), portOfA).close())
			.isInstanceOf(ConnectException.class);
		assertThat(this.port.status("/health/readiness")).isEqualTo(503);
		assertThat(this.port.refusal("/listeners/a", "{\"action\": \"pause\"}"))
			.isEqualTo("parameter 'action' is 'pause': listener 'a' has closed its port; resume it instead");
		Lines.exchange(other, "as before");
		assertThat(this.gateway.closeReasons()).containsExactly(CloseReason.DRAINED);

		assertThat(command("a", "resume")).extracting(ListenerView::state, ListenerView::address)
			.containsExactly("listening", "127.0.0.1:" + portOfA);
		connect("a");
		assertThat(this.port.status("/health/readiness")).isEqualTo(200);
	}

	@Test
	void whoWasNotToldToLeaveStaysWhenADrainingListenerIsResumed() throws IOException {
		Socket first = connect("a");
		Socket second = connect("a");
		command("a", "drain");
		assertThat(Lines.receive(first)).isEqualTo("BYE");
		Lines.exchange(second, "still here");
		command("a", "resume");
		// the one that was told still has to leave within the drain's timeout
		assertThat(this.gateway.closeReasons()).isEmpty();
		this.gateway.bean(MovedTime.Time.class).pass(Duration.ofMinutes(1));
		await().until(() -> this.gateway.closeReasons().equals(List.of(CloseReason.DRAINED)));
		connect("a");
		Lines.exchange(second, "still here");
		assertThat(this.gateway.closeReasons()).hasSize(1);
	}

	@Test
	void oneConnectionIsDrainedAtItsFramesBoundary() throws IOException {
		Socket other = connect("a");
		Socket client = connect("a");
		client.getOutputStream().write("half".getBytes(StandardCharsets.US_ASCII));
		String uri = "/connections/" + id(client);
		await().until(() -> this.gateway.registry().hasPending(id(client)));
		assertThat(this.port.command(uri, "drain", ConnectionView.class).id()).isEqualTo(id(client));
		await().until(() -> this.port.get(uri, ConnectionView.class).state().equals("draining"));
		this.port.post(uri, "{\"action\": \"drain\"}").expectStatus().isNotFound();
		client.getOutputStream().write("way\nmore\n".getBytes(StandardCharsets.US_ASCII));
		assertThat(Lines.receive(client)).isEqualTo("halfway");
		assertThat(Lines.receive(client)).isEqualTo("BYE");
		assertThat(Lines.receive(client)).isEqualTo(Lines.END);
		client.close();
		await().until(() -> this.gateway.closeReasons().equals(List.of(CloseReason.DRAINED)));
		Lines.exchange(other, "as before");
	}

	@Test
	void oneConnectionThatDoesNotLeaveIsCut() throws IOException {
		Socket client = connect("a");
		client.getOutputStream().write("half".getBytes(StandardCharsets.US_ASCII));
		await().until(() -> this.gateway.registry().hasPending(id(client)));
		this.port.command("/connections/" + id(client), "drain", ConnectionView.class);
		await().until(() -> this.gateway.closeReasons().equals(List.of(CloseReason.DRAINED)));
	}

	@Test
	void otherActionForAConnectionIsRefused() throws IOException {
		String uri = "/connections/" + id(connect("a"));
		assertThat(this.port.refusal(uri, "{\"action\": \"kill\"}"))
			.isEqualTo("parameter 'action' is 'kill': must be drain");
		assertThat(this.port.refusal(uri, "{}"))
			.isEqualTo("parameter 'action' is missing; give drain, as {\"action\": \"drain\"}");
		this.port.post("/connections/nobody", "{\"action\": \"drain\"}").expectStatus().isNotFound();
	}

	private String id(Socket client) {
		return this.gateway.registry()
			.stream()
			.filter((connection) -> connection.remoteAddress().getPort() == client.getLocalPort())
			.map(ConnectionInfo::id)
			.findFirst()
			.orElseThrow();
	}

}
