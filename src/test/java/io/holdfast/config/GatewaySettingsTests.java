package io.holdfast.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;

import io.holdfast.drain.DrainSettings;
import io.holdfast.drain.Rate;
import io.holdfast.listener.LimitsSettings;
import io.holdfast.liveness.LivenessSettings;
import io.holdfast.liveness.Takeover;
import io.holdfast.protocol.FramingSettings;
import io.holdfast.route.OnFailure;
import io.holdfast.route.OnFailure;
import io.holdfast.route.RouteSettings;
import io.holdfast.route.Sharing;
import io.holdfast.route.Unmatched;
import io.holdfast.route.Unmatched;
import io.holdfast.transport.TcpSettings;
import io.holdfast.transport.Transport;
import io.holdfast.transport.WorkerSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.integration.autoconfigure.IntegrationAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@ExtendWith(OutputCaptureExtension.class)
class GatewaySettingsTests {

	private static final LivenessSettings DEFAULT_LIVENESS = LivenessSettings.DEFAULT;

	private static final LimitsSettings DEFAULT_LIMITS = new LimitsSettings(DataSize.ofKilobytes(256),
			DataSize.ofKilobytes(256), Duration.ofSeconds(30), DataSize.ofKilobytes(1));

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withUserConfiguration(GatewayConfiguration.class);

	@Test
	void listenerNeedsPortProtocolAndRouteAndHasDefaultsForTheRest() {
		GatewaySettings settings = settings("listeners.a.port=7000", "listeners.a.protocol=line",
				"listeners.a.route.mode=channel");
		assertThat(settings.listeners()).containsOnly(Map.entry("a", new ListenerSettings(7000, "0.0.0.0", "line",
				DEFAULT_LIVENESS, null, TcpSettings.DEFAULT, DEFAULT_LIMITS, route(RouteSettings.Mode.CHANNEL))));
		assertThat(settings.protocols()).isEmpty();
		assertThat(settings.upstreams()).isEmpty();
		assertThat(settings.workers()).isEqualTo(new WorkerSettings(256, 1024, WorkerSettings.WhenFull.WAIT));
		assertThat(settings.drain())
			.isEqualTo(new DrainSettings(Duration.ofSeconds(5), new Rate(500), Duration.ofSeconds(60)));
	}

	@Test
	void everyKeyIsMapped() {
		GatewaySettings settings = settings("listeners.a.port=7000", "listeners.a.address=127.0.0.1",
				"listeners.a.protocol=meter", "listeners.a.liveness.idle-timeout=5m",
				"listeners.a.liveness.handshake-timeout=9s", "listeners.a.liveness.frame-timeout=8s",
				"listeners.a.liveness.heartbeat-interval=5s", "listeners.a.liveness.max-missed=4",
				"listeners.a.liveness.max-age=24h", "listeners.a.takeover=refuse-new",
				"listeners.a.tcp.keep-alive.idle=60s", "listeners.a.tcp.keep-alive.interval=10s",
				"listeners.a.tcp.keep-alive.count=6", "listeners.a.tcp.user-timeout=90s",
				"listeners.a.limits.max-pending-output=1MB", "listeners.a.limits.max-pending-input=2MB",
				"listeners.a.limits.send-timeout=5s", "listeners.a.limits.min-output-rate=2KB",
				"listeners.a.route.mode=echo", "protocols.meter.extends=line", "protocols.meter.framing.max-frame=1KB",
				"workers.max-concurrent=2", "workers.queue=3", "workers.when-full=reject", "event-loops=4",
				"transport=nio", "limits.memory=3MB", "drain.wait=0s", "drain.rate=20/s", "drain.timeout=2m");
		assertThat(settings.listeners())
			.containsOnly(Map.entry("a",
					new ListenerSettings(7000, "127.0.0.1", "meter",
							new LivenessSettings(Duration.ofSeconds(9), Duration
								.ofSeconds(8), Duration.ofSeconds(5), 4, Duration.ofMinutes(5), Duration.ofDays(1)),
							Takeover.REFUSE_NEW,
							new TcpSettings(new TcpSettings.KeepAliveSettings(Duration.ofSeconds(60),
									Duration.ofSeconds(10), 6), Duration.ofSeconds(90)),
							new LimitsSettings(DataSize.ofMegabytes(1), DataSize.ofMegabytes(2), Duration.ofSeconds(5),
									DataSize.ofKilobytes(2)),
							route(RouteSettings.Mode.ECHO))));
		assertThat(settings.protocols()).containsOnlyKeys("meter").hasEntrySatisfying("meter", (meter) -> {
			assertThat(meter.parent()).isEqualTo("line");
			assertThat(meter.framing()).extracting(FramingSettings::maxFrame).isEqualTo(DataSize.ofKilobytes(1));
		});
		assertThat(settings.workers()).isEqualTo(new WorkerSettings(2, 3, WorkerSettings.WhenFull.REJECT));
		assertThat(settings.eventLoops()).isEqualTo(4);
		assertThat(settings.transport()).isEqualTo(Transport.NIO);
		assertThat(settings.limits().memoryBytes()).isEqualTo(DataSize.ofMegabytes(3).toBytes());
		assertThat(settings.drain()).isEqualTo(new DrainSettings(Duration.ZERO, new Rate(20), Duration.ofMinutes(2)));
	}

	@Test
	void demoRunsWhenNoListenerIsConfigured() {
		GatewaySettings settings = settings("workers.queue=3");
		RouteSettings echo = route(RouteSettings.Mode.ECHO);
		assertThat(settings.listeners()).containsOnly(
				Map.entry("echo",
						new ListenerSettings(9000, "0.0.0.0", "line",
								new LivenessSettings(Duration.ofHours(1), Duration.ofHours(1), null, 3, null, null),
								null, TcpSettings.DEFAULT, DEFAULT_LIMITS, echo)),
				Map.entry("frames",
						new ListenerSettings(9001, "0.0.0.0", "length32", DEFAULT_LIVENESS, null, TcpSettings.DEFAULT,
								DEFAULT_LIMITS, echo)),
				Map.entry("relay",
						new ListenerSettings(9002, "0.0.0.0", "length32", DEFAULT_LIVENESS, null, TcpSettings.DEFAULT,
								DEFAULT_LIMITS, new RouteSettings(RouteSettings.Mode.RELAY, "demo", Sharing.PIPELINED,
										Duration.ofSeconds(10), OnFailure.of("close"), Unmatched.DROP, true))));
		assertThat(settings.upstreams()).hasEntrySatisfying("demo",
				(demo) -> assertThat(demo.endpoints()).containsExactly("127.0.0.1:9001"));
	}

	@Test
	void demoIsGoneWithTheFirstListener() {
		GatewaySettings settings = settings("listeners.own.port=9100", "listeners.own.protocol=line",
				"listeners.own.route.mode=echo");
		assertThat(settings.listeners()).containsOnlyKeys("own");
		assertThat(settings.upstreams()).isEmpty();
	}

	@Test
	void demoIsAnnouncedInOneLine(CapturedOutput output) {
		new GatewayConfiguration().protocols(settings());
		assertThat(output.getAll().lines().filter((line) -> line.contains("demo - "))).hasSize(1);
	}

	@Test
	void demoIsNotAnnouncedWhenOneListenerIsConfigured(CapturedOutput output) {
		new GatewayConfiguration().protocols(
				settings("listeners.echo.port=9000", "listeners.echo.protocol=line", "listeners.echo.route.mode=echo"));
		assertThat(output).doesNotContain("demo - ");
	}

	@Test
	void nothingOfTheDemoIsLeftWhenOneListenerIsConfigured() {
		assertThat(
				settings("listeners.echo.port=7000", "listeners.echo.protocol=line", "listeners.echo.route.mode=echo")
					.listeners())
			.containsOnlyKeys("echo");
	}

	@Test
	void listenersMayHaveOnePortOnDifferentAddressesAndAnyNumberOfFreePorts() {
		GatewaySettings settings = settings("listeners.a.port=7000", "listeners.a.address=10.0.0.1",
				"listeners.a.protocol=line", "listeners.a.route.mode=echo", "listeners.b.port=7000",
				"listeners.b.address=10.0.0.2", "listeners.b.protocol=line", "listeners.b.route.mode=echo",
				"listeners.c.port=0", "listeners.c.protocol=line", "listeners.c.route.mode=echo", "listeners.d.port=0",
				"listeners.d.protocol=line", "listeners.d.route.mode=echo");
		assertThat(settings.listeners()).containsOnlyKeys("a", "b", "c", "d");
	}

	@Test
	void beanIsWhatWasReadEarly() {
		this.context
			.withConfiguration(
					AutoConfigurations.of(TaskSchedulingAutoConfiguration.class, IntegrationAutoConfiguration.class))
			.withPropertyValues("gateway.workers.queue=3", "gateway.listeners.a.port=0",
					"gateway.listeners.a.protocol=line", "gateway.listeners.a.route.mode=echo", "gateway.drain.wait=0s")
			.run((context) -> {
				GatewaySettings bean = context.getBean(GatewaySettings.class);
				assertThat(bean).isEqualTo(GatewaySettings.from(context.getEnvironment()));
				assertThat(bean.workers().queue()).isEqualTo(3);
			});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					listeners.a.protocol=line | listeners.a.port | | is missing; give a TCP port
					listeners.a.port=70000 | listeners.a.port | 70000 | must be from 0 to 65535
					listeners.a.port=-1 | listeners.a.port | -1 | must be from 0 to 65535
					listeners.a.port=http | listeners.a.port | http | is no whole number
					listeners.a.port=1 | listeners.a.protocol | | is missing; give the name of a preset, such as line, or of one of gateway.protocols
					listeners.a.port=1, listeners.a.address= | listeners.a.address | '' | is empty; give an address of this machine, or 0.0.0.0 for all of them
					listeners.a.port=1, listeners.a.protocol=line | listeners.a.route.mode | | is missing; give echo, relay or channel
					listeners.a.route.mode=relais | listeners.a.route.mode | relais | is no choice here; known are echo, relay, channel
					listeners.a.limits.max-pending-output=lots | listeners.a.limits.max-pending-output | lots | is no size; give a number and a unit, such as 512B, 64KB or 1MB
					listeners.a.limits.max-pending-output=0 | listeners.a.limits.max-pending-output | 0B | must be between 1KB and 1GB
					listeners.a.limits.send-timeout=soon | listeners.a.limits.send-timeout | soon | is no duration; give a number and a unit, such as 500ms, 30s, 5m or 1h
					listeners.a.limits.min-output-rate=0B | listeners.a.limits.min-output-rate | 0B | must be from 1B to 1GB, in a second, or empty for any rate
					listeners.a.limits.send-timeout=0s | listeners.a.limits.send-timeout | PT0S | must be positive, such as 30s
					listeners.A.port=1, listeners.A.protocol=line, listeners.A.route.mode=echo | listeners.A | A | is no name for a listener; use a to z, 0 to 9 and '-', and begin with a letter
					listeners.1.port=1, listeners.1.protocol=line, listeners.1.route.mode=echo | listeners.1 | 1 | is no name for a listener; use a to z, 0 to 9 and '-', and begin with a letter
					listeners.b.port=1, listeners.b.protocol=line, listeners.b.route.mode=echo, listeners.a.port=1, listeners.a.protocol=line, listeners.a.route.mode=echo | listeners.b.port | 1 | is taken by listener 'a' on 0.0.0.0:1; give one of them another port or address
					listeners.b.port=1, listeners.b.protocol=line, listeners.b.route.mode=echo, listeners.a.port=1, listeners.a.protocol=line, listeners.a.route.mode=echo, listeners.a.address=127.0.0.1 | listeners.b.port | 1 | is taken by listener 'a' on 127.0.0.1:1; give one of them another port or address
					listeners.a.liveness.idle-timeout=0s | listeners.a.liveness.idle-timeout | PT0S | must be from 100ms to 365d; leave it out for no limit
					listeners.a.liveness.heartbeat-interval=99ms | listeners.a.liveness.heartbeat-interval | PT0.099S | must be from 100ms to 365d; leave it out for no limit
					listeners.a.liveness.max-missed=0 | listeners.a.liveness.max-missed | 0 | must be from 1 to 1000
					listeners.a.liveness.heartbeat-interval=5s, listeners.a.liveness.idle-timeout=5s | listeners.a.liveness.heartbeat-interval | PT5S | must be below idle-timeout, which is PT5S and would come first
					listeners.a.tcp.user-timeout=1ms | listeners.a.tcp.user-timeout | PT0.001S | must be from 1s to 1h; leave it out to keep the kernel's
					listeners.a.tcp.keep-alive.idle=0s | listeners.a.tcp.keep-alive.idle | PT0S | must be from 1s to 1h; leave it out to keep the kernel's
					listeners.a.tcp.keep-alive.count=128 | listeners.a.tcp.keep-alive.count | 128 | must be from 1 to 127; leave it out to keep the kernel's
					event-loops=0 | event-loops | 0 | must be from 1 to 1024; leave it out to have one for each core
					transport=uring | transport | uring | is no choice here; known are io-uring, epoll, nio
					drain.rate=500 | drain.rate | 500 | is no rate; give how many in a second, from 1/s to 1000000/s, such as 500/s
					drain.rate=0/s | drain.rate | 0/s | is no rate; give how many in a second, from 1/s to 1000000/s, such as 500/s
					drain.rate=-1/s | drain.rate | -1/s | is no rate; give how many in a second, from 1/s to 1000000/s, such as 500/s
					drain.rate=1000001/s | drain.rate | 1000001/s | is no rate; give how many in a second, from 1/s to 1000000/s, such as 500/s
					drain.rate=500/m | drain.rate | 500/m | is no rate; give how many in a second, from 1/s to 1000000/s, such as 500/s
					drain.rate=500 /s | drain.rate | 500 /s | is no rate; give how many in a second, from 1/s to 1000000/s, such as 500/s
					drain.rate=1.5/s | drain.rate | 1.5/s | is no rate; give how many in a second, from 1/s to 1000000/s, such as 500/s
					drain.rate=fast | drain.rate | fast | is no rate; give how many in a second, from 1/s to 1000000/s, such as 500/s
					drain.wait=-1s | drain.wait | PT-1S | must be from 0s to 1h
					drain.wait=2h | drain.wait | PT2H | must be from 0s to 1h
					drain.wait=long | drain.wait | long | is no duration; give a number and a unit, such as 500ms, 30s, 5m or 1h
					drain.timeout=0s | drain.timeout | PT0S | must be from 1ms to 24h; it counts from the end of wait
					drain.pace=500/s | drain.pace | 500/s | is not a setting: 'pace' is unknown, did you mean 'rate'?; known here are rate, timeout, wait
					workers.max-concurrent=0 | workers.max-concurrent | 0 | must be at least 1
					workers.queue=0 | workers.queue | 0 | must be at least 1
					workers.when-full=maybe | workers.when-full | maybe | is no choice here; known are wait, reject
					protocols.a.framing.type=lines | protocols.a.framing.type | lines | is no choice here; known are length-field, varint, line, delimiter, escaped, fixed, raw
					protocols.a.framing.byte-order=middle | protocols.a.framing.byte-order | middle | is no choice here; known are big-endian, little-endian
					protocols.a.framing.checksum=crc | protocols.a.framing.checksum | crc | is no choice here; known are none, xor
					protocols.a.framing.ending=cr | protocols.a.framing.ending | cr | is no choice here; known are lf, crlf, any
					protocols.a.framing.lenght-size=2 | protocols.a.framing.lenght-size | 2 | is not a setting: 'lenght-size' is unknown, did you mean 'length-size'?; known here are byte-order, checksum, end, ending, escape, escape-as, flag, flag-as, length, length-adjustment, length-offset, length-size, max-frame, start, strip, type
					protocols.a.extend=line | protocols.a.extend | line | is not a setting: 'extend' is unknown, did you mean 'extends'?; known here are correlation, extends, framing, goodbye, heartbeat, identity, one-way
					protocols.a.heartbeat.answer[0].mach.hex=00 | protocols.a.heartbeat.answer[0].mach.hex | 00 | is not a setting: 'mach' is unknown, did you mean 'match'?; known here are copy, match, reply
					listners.a.port=1 | listners.a.port | 1 | is not a setting: 'listners' is unknown, did you mean 'listeners'?; known here are drain, event-loops, limits, listeners, management, protocols, transport, upstreams, workers
					workers.threads=9 | workers.threads | 9 | is not a setting: 'threads' is unknown; known here are max-concurrent, queue, when-full
					workers.queue.size=9 | workers.queue.size | 9 | has keys or a value where none belong""")
	void mistakeNamesKeyAndValueAndWhatIsRight(String properties, String key, String value, String reason) {
		assertThatThrownBy(() -> settings(properties.split(", "))).rootCause()
			.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class,
					(ex) -> assertMistake(ex, key, value, reason));
		String[] ofTheContext = Arrays.stream(properties.split(", ")).map("gateway."::concat).toArray(String[]::new);
		this.context.withPropertyValues(ofTheContext)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class,
						(ex) -> assertMistake(ex, key, value, reason)));
	}

	@Test
	void listenerOfAnUnknownProtocolIsRefused() {
		this.context
			.withPropertyValues("gateway.listeners.a.port=1", "gateway.listeners.a.protocol=lines",
					"gateway.listeners.a.route.mode=echo")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class, (ex) -> assertMistake(ex,
						"listeners.a.protocol", "lines",
						"is not a protocol; known are dns, iso8583, jt808, length16, length32, line, modbus, mqtt, of-the-tests, smpp, stx-etx")));
	}

	private static RouteSettings route(RouteSettings.Mode mode) {
		return new RouteSettings(mode, null, null, Duration.ofSeconds(10), OnFailure.of("close"), Unmatched.DROP,
				false);
	}

	static void assertMistake(InvalidConfigurationPropertyValueException ex, String key, String value, String reason) {
		assertThat(ex.getName()).isEqualTo("gateway." + key);
		assertThat((ex.getValue() != null) ? ex.getValue().toString() : null).isEqualTo(value);
		assertThat(ex.getReason()).isEqualTo(reason);
	}

	static GatewaySettings settings(String... properties) {
		MockEnvironment environment = new MockEnvironment();
		for (String property : properties) {
			String[] parts = property.split("=", 2);
			environment.setProperty("gateway." + parts[0], parts[1]);
		}
		return GatewaySettings.from(environment);
	}

}
