package io.holdfast.peers;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionInfo;
import io.holdfast.liveness.HeartbeatResult;
import io.holdfast.liveness.Liveness;
import io.holdfast.testing.TestGateway;
import io.moquette.broker.Server;
import io.moquette.broker.config.IConfig;
import io.moquette.broker.config.MemoryConfig;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Preset {@code mqtt} between clients of Paho and a broker of Moquette.
 */
class MqttTests {

	/** The shortest that there is. A broker closes after one and a half. */
	private static final int KEEP_ALIVE_SECONDS = 1;

	private final Server broker = new Server();

	private final List<MqttClient> clients = new ArrayList<>();

	@BeforeEach
	void start() throws Exception {
		Properties settings = new Properties();
		settings.setProperty(IConfig.HOST_PROPERTY_NAME, "127.0.0.1");
		settings.setProperty(IConfig.PORT_PROPERTY_NAME, "0");
		settings.setProperty(IConfig.ALLOW_ANONYMOUS_PROPERTY_NAME, "true");
		settings.setProperty(IConfig.PERSISTENCE_ENABLED_PROPERTY_NAME, "false");
		settings.setProperty(IConfig.ENABLE_TELEMETRY_NAME, "false");
		settings.setProperty(IConfig.NETTY_MAX_BYTES_PROPERTY_NAME, "65536");
		this.broker.startServer(new MemoryConfig(settings));
		// told by the library's own thread
		await().until(() -> this.broker.getPort() > 0);
	}

	@AfterEach
	void close() throws Exception {
		for (MqttClient client : this.clients) {
			if (client.isConnected()) {
				client.disconnect();
			}
			client.close();
		}
		this.broker.stopServer();
	}

	@Test
	void whatIsPublishedReachesTheSubscriber() throws Exception {
		try (TestGateway gateway = gateway("mqtt")) {
			MqttClient display = connect(gateway, "display", 60);
			MqttClient meter = connect(gateway, "meter-7", 60);
			List<String> received = new CopyOnWriteArrayList<>();
			display.subscribe("meters/+", 2, (topic, message) -> received
				.add(topic + " " + message.getQos() + " " + text(message.getPayload())));
			List<String> published = new ArrayList<>();
			// lengths of one, two and three bytes
			for (int size : new int[] { 0, 100, 200, 16_000, 60_000 }) {
				for (int quality = 0; quality <= 2; quality++) {
					String text = String.valueOf(quality).repeat(size);
					meter.publish("meters/7", text.getBytes(StandardCharsets.US_ASCII), quality, false);
					published.add("meters/7 " + quality + " " + text);
				}
			}
			// each quality has an order of its own
			await().untilAsserted(() -> assertThat(received).containsExactlyInAnyOrderElementsOf(published));
			assertThat(gateway.registry().stream()).extracting(ConnectionInfo::identity)
				.containsExactlyInAnyOrder("display", "meter-7");
		}
	}

	@Test
	void brokerSeesThePingsAndKeepsTheClient() throws Exception {
		try (TestGateway gateway = gateway("mqtt")) {
			MqttClient client = connect(gateway, "quiet", KEEP_ALIVE_SECONDS);
			long before = only(gateway).framesOut();
			await().until(() -> only(gateway).framesOut() >= before + 2);
			assertThat(answered(gateway)).isZero();
			assertThat(client.isConnected()).isTrue();
			assertThat(gateway.closeReasons()).isEmpty();
		}
	}

	@Test
	void brokerEndsTheClientWhosePingsAreAnsweredHere() throws Exception {
		try (TestGateway gateway = gateway("sensors", "gateway.protocols.sensors.extends=mqtt",
				"gateway.protocols.sensors.heartbeat.answer[0].match.hex=c000",
				"gateway.protocols.sensors.heartbeat.answer[0].reply.hex=d000")) {
			MqttClient client = connect(gateway, "quiet", KEEP_ALIVE_SECONDS);
			await().until(() -> answered(gateway) > 0);
			await().until(() -> !client.isConnected());
			await().untilAsserted(() -> assertThat(gateway.closeReasons()).containsExactly(CloseReason.UPSTREAM_LOST));
		}
	}

	private TestGateway gateway(String protocol, String... settings) {
		return TestGateway.start(Stream.concat(
				Stream.of("gateway.listeners.m.port=0", "gateway.listeners.m.protocol=" + protocol,
						"gateway.listeners.m.route.mode=relay", "gateway.listeners.m.route.upstream=broker",
						"gateway.listeners.m.route.sharing=dedicated",
						"gateway.upstreams.broker.endpoints=127.0.0.1:" + this.broker.getPort(),
						// a broker closes what does not begin with a CONNECT
						"gateway.upstreams.broker.links.min-idle=0", "gateway.upstreams.broker.protocol=mqtt"),
				Stream.of(settings))
			.toArray(String[]::new));
	}

	private MqttClient connect(TestGateway gateway, String identifier, int keepAliveSeconds) throws MqttException {
		MqttClient client = new MqttClient("tcp://127.0.0.1:" + gateway.port("m"), identifier, new MemoryPersistence());
		this.clients.add(client);
		MqttConnectOptions options = new MqttConnectOptions();
		options.setKeepAliveInterval(keepAliveSeconds);
		client.connect(options);
		return client;
	}

	private static ConnectionInfo only(TestGateway gateway) {
		return gateway.registry().stream().findFirst().orElseThrow();
	}

	private static long answered(TestGateway gateway) {
		return gateway.bean("m.liveness", Liveness.class).count(HeartbeatResult.ANSWERED);
	}

	private static String text(byte[] payload) {
		return new String(payload, StandardCharsets.US_ASCII);
	}

}
