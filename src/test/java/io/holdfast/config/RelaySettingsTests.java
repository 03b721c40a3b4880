package io.holdfast.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.holdfast.liveness.LinkLivenessSettings;
import io.holdfast.protocol.BytesSettings;
import io.holdfast.protocol.CorrelationSettings;
import io.holdfast.route.OnFailure;
import io.holdfast.route.RouteSettings;
import io.holdfast.route.Sharing;
import io.holdfast.route.Unmatched;
import io.holdfast.transport.Delivery;
import io.holdfast.transport.TcpSettings;
import io.holdfast.upstream.Balance;
import io.holdfast.upstream.DnsSettings;
import io.holdfast.upstream.EjectionSettings;
import io.holdfast.upstream.EndpointAddress;
import io.holdfast.upstream.LinksSettings;
import io.holdfast.upstream.ReconnectSettings;
import io.holdfast.upstream.UpstreamSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Settings of upstreams and of the routes that lead to them.
 */
class RelaySettingsTests {

	private static final String[] RELAY = { "listeners.a.port=7000", "listeners.a.protocol=line",
			"listeners.a.route.mode=relay", "listeners.a.route.upstream=u", "listeners.a.route.sharing=exclusive",
			"upstreams.u.endpoints=10.0.0.5:7001", "upstreams.u.protocol=line" };

	@Test
	void upstreamNeedsEndpointsAndProtocolAndHasDefaultsForTheRest() {
		assertThat(GatewaySettingsTests.settings(RELAY).upstreams())
			.containsOnly(Map.entry("u", new UpstreamSettings(List.of("10.0.0.5:7001"), "line", Balance.ROUND_ROBIN,
					new LinksSettings(2, 16, Duration.ofSeconds(2), 1000, 64, Duration.ofMinutes(10),
							Duration.ofMinutes(30), Duration.ofSeconds(5), Duration.ofSeconds(30),
							DataSize.ofKilobytes(256), Duration.ofSeconds(60)),
					new LinkLivenessSettings(null, 3), TcpSettings.DEFAULT,
					new ReconnectSettings(Duration.ofSeconds(1), Duration.ofSeconds(30), 2, 0.2),
					new EjectionSettings(3, Duration.ofSeconds(10)),
					new DnsSettings(Duration.ofSeconds(30), Duration.ofSeconds(5)))));
	}

	@Test
	void relayNeedsUpstreamAndSharingAndHasDefaultsForTheRest() {
		assertThat(route(RELAY)).isEqualTo(new RouteSettings(RouteSettings.Mode.RELAY, "u", Sharing.EXCLUSIVE,
				Duration.ofSeconds(10), new OnFailure(OnFailure.Action.CLOSE, null), Unmatched.DROP, false));
	}

	@Test
	void everyKeyIsMapped() throws IOException {
		GatewaySettings settings = yaml("""
				gateway:
				  protocols:
				    meter:
				      extends: length16
				      correlation: { offset: 1, size: 2, reply-offset: 3 }
				  listeners:
				    meters:
				      port: 9000
				      protocol: meter
				      route:
				        mode: relay
				        upstream: billing
				        sharing: correlated
				        reply-timeout: 3s
				        on-failure: { reply: { hex: "00 ff" } }
				        unmatched: broadcast
				  upstreams:
				    billing:
				      endpoints: [ "10.0.0.5:7001", "name:7001", "[::1]:7001" ]
				      protocol: meter
				      balance: least-pending
				      links:
				        min-idle: 1
				        max: 3
				        acquire-timeout: 4s
				        max-waiting: 5
				        max-pending: 6
				        idle-timeout: 7m
				        max-lifetime: 8m
				        connect-timeout: 9s
				        send-timeout: 12s
				        max-pending-output: 2MB
				        pause-timeout: 3m
				      reconnect: { initial: 2s, max: 10s, multiplier: 1.5, jitter: 0.3 }
				      ejection: { after-failures: 4, for: 11s }
				      dns: { refresh: 2m, timeout: 13s }
				""");
		assertThat(settings.protocols().get("meter")).isNotNull()
			.satisfies((meter) -> assertThat(meter.correlation()).isEqualTo(new CorrelationSettings(1, 2, 3)));
		assertThat(settings.listeners().get("meters")).isNotNull()
			.extracting(ListenerSettings::route)
			.isEqualTo(new RouteSettings(RouteSettings.Mode.RELAY, "billing", Sharing.CORRELATED, Duration.ofSeconds(3),
					new OnFailure(new BytesSettings("00 ff", null)), Unmatched.BROADCAST, false));
		assertThat(settings.upstreams()).containsOnly(Map.entry("billing", new UpstreamSettings(
				List.of("10.0.0.5:7001", "name:7001", "[::1]:7001"), "meter", Balance.LEAST_PENDING,
				new LinksSettings(1, 3, Duration.ofSeconds(4), 5, 6, Duration.ofMinutes(7), Duration.ofMinutes(8),
						Duration.ofSeconds(9), Duration.ofSeconds(12), DataSize.ofMegabytes(2), Duration.ofMinutes(3)),
				new LinkLivenessSettings(null, 3), TcpSettings.DEFAULT,
				new ReconnectSettings(Duration.ofSeconds(2), Duration.ofSeconds(10), 1.5, 0.3),
				new EjectionSettings(4, Duration.ofSeconds(11)),
				new DnsSettings(Duration.ofMinutes(2), Duration.ofSeconds(13)))));
	}

	@Test
	void endpointsAreAddressesInTheOrderOfTheSettings() {
		UpstreamSettings upstream = GatewaySettingsTests
			.settings("upstreams.u.endpoints=b:2,a:1,[::1]:3", "upstreams.u.protocol=line")
			.upstreams()
			.get("u");
		assertThat(upstream).isNotNull()
			.satisfies((one) -> assertThat(one.addresses()).containsExactly(new EndpointAddress("b", 2),
					new EndpointAddress("a", 1), new EndpointAddress("::1", 3)));
	}

	@ParameterizedTest
	@CsvSource({ "close, CLOSE", "drop, DROP", "CLOSE, CLOSE" })
	void onFailureIsOneWord(String word, OnFailure.Action action) throws IOException {
		OnFailure onFailure = onFailure("on-failure: " + word);
		assertThat(onFailure.action()).isEqualTo(action);
		assertThat(onFailure.replyBytes()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "on-failure: { reply: { hex: \"6e6f\" } }", "on-failure: { reply: { text: \"no\" } }",
			"on-failure.reply.text: \"no\"" })
	void onFailureIsAMapWithTheReply(String yaml) throws IOException {
		OnFailure onFailure = onFailure(yaml);
		assertThat(onFailure.action()).isEqualTo(OnFailure.Action.REPLY);
		assertThat(onFailure.replyBytes()).isEqualTo(new byte[] { 'n', 'o' });
	}

	@ParameterizedTest
	@EnumSource
	void sharingIsWrittenAsInTheSettings(Sharing sharing) {
		assertThat(route(with("listeners.a.route.sharing=" + sharing.text())).sharing()).isEqualTo(sharing);
	}

	@Test
	void relayRunsOnTheEventLoop() {
		assertThat(RouteSettings.Mode.RELAY.delivery()).isEqualTo(Delivery.EVENT_LOOP);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					listeners.a.route.upstream=u | listeners.a.route.mode | | is missing; give echo, relay or channel
					listeners.a.route.mode=relay, listeners.a.route.sharing=exclusive | listeners.a.route.upstream | | is missing; give the name of one of gateway.upstreams
					listeners.a.route.mode=relay, listeners.a.route.sharing=exclusive, listeners.a.route.upstream= | listeners.a.route.upstream | '' | is missing; give the name of one of gateway.upstreams
					listeners.a.route.mode=relay, listeners.a.route.upstream=u | listeners.a.route.sharing | | is missing; give exclusive (one request at a time on a link), pipelined (replies come in the order of the requests), correlated (a number in the frame tells whose reply it is) or dedicated (one link for each client, as long as the client stays)
					listeners.a.route.sharing=shared | listeners.a.route.sharing | shared | is no choice here; known are exclusive, pipelined, correlated, dedicated
					listeners.a.route.mode=echo, listeners.a.route.upstream=u | listeners.a.route.upstream | u | has no effect in mode echo; remove it, or set mode to relay
					listeners.a.route.mode=channel, listeners.a.route.sharing=pipelined | listeners.a.route.sharing | pipelined | has no effect in mode channel; remove it, or set mode to relay
					listeners.a.route.mode=echo, listeners.a.route.reply-timeout=0s | listeners.a.route.reply-timeout | PT0S | must be from 1ms to 1h
					listeners.a.route.mode=echo, listeners.a.route.reply-timeout=61m | listeners.a.route.reply-timeout | PT1H1M | must be from 1ms to 1h
					listeners.a.route.on-failure=retry | listeners.a.route.on-failure | retry | is no choice here; known are close, drop, and reply with hex or text below it
					listeners.a.route.on-failure=reply | listeners.a.route.on-failure | reply | is no choice here; known are close, drop, and reply with hex or text below it
					listeners.a.route.on-failure= | listeners.a.route.on-failure | '' | is no choice here; known are close, drop, and reply with hex or text below it
					listeners.a.route.on-failure.reply=00ff | listeners.a.route.on-failure.reply | 00ff | is no map; give hex or text below it
					listeners.a.route.on-failure.reply.hex=0 | listeners.a.route.on-failure.reply.hex | 0 | must be pairs of hex digits in quotes, such as "00ff"
					listeners.a.route.on-failure.reply.hex=00, listeners.a.route.on-failure.reply.text=no | listeners.a.route.on-failure.reply.text | no | stands beside hex; give one of them
					listeners.a.route.on-failure.replay.hex=00 | listeners.a.route.on-failure.replay.hex | 00 | is not a setting: 'replay' is unknown, did you mean 'reply'?; known here are reply
					listeners.a.route.on-failure.action=drop | listeners.a.route.on-failure.action | drop | is not a setting: 'action' is unknown; known here are reply
					listeners.a.route.on-failure=close, listeners.a.route.on-failure.reply.hex=00 | listeners.a.route.on-failure.reply.hex | 00 | has keys or a value where none belong
					listeners.a.route.mode=echo, listeners.a.route.unchecked=true | listeners.a.route.unchecked | true | has no effect unless sharing is pipelined; remove it
					listeners.a.route.mode=relay, listeners.a.route.upstream=u, listeners.a.route.sharing=exclusive, listeners.a.route.unchecked=true | listeners.a.route.unchecked | true | has no effect unless sharing is pipelined; remove it
					listeners.a.route.unmatched=keep | listeners.a.route.unmatched | keep | is no choice here; known are drop, close, broadcast
					listeners.a.route.upstraem=u | listeners.a.route.upstraem | u | is not a setting: 'upstraem' is unknown, did you mean 'upstream'?; known here are mode, on-failure, reply-timeout, sharing, unchecked, unmatched, upstream
					upstreams.U.endpoints=x:1, upstreams.U.protocol=line | upstreams.U | U | is no name for an upstream; use a to z, 0 to 9 and '-', and begin with a letter
					upstreams.v.protocol=line | upstreams.v.endpoints | | is missing; give at least one address, such as 10.0.0.5:7001
					upstreams.v.endpoints=, upstreams.v.protocol=line | upstreams.v.endpoints | | is missing; give at least one address, such as 10.0.0.5:7001
					upstreams.v.endpoints[0]=x:1, upstreams.v.endpoints[1]=name | upstreams.v.endpoints[1] | name | is no address with a port; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001
					upstreams.v.endpoints=x:1;x:0 | upstreams.v.endpoints[0] | x:1;x:0 | is no address with a port; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001
					upstreams.v.endpoints=x:0 | upstreams.v.endpoints[0] | x:0 | has the port 0; must be from 1 to 65535
					upstreams.v.endpoints[0]=x:1, upstreams.v.endpoints[1]=y:1, upstreams.v.endpoints[2]=x:1 | upstreams.v.endpoints[2] | x:1 | is given twice; remove one of them
					upstreams.v.endpoints=x:1 | upstreams.v.protocol | | is missing; give the name of a preset, such as line, or of one of gateway.protocols
					upstreams.v.endpoints=x:1, upstreams.v.protocol= | upstreams.v.protocol | '' | is missing; give the name of a preset, such as line, or of one of gateway.protocols
					upstreams.u.balance=random | upstreams.u.balance | random | is no choice here; known are round-robin, least-pending
					upstreams.u.links.min-idle=-1 | upstreams.u.links.min-idle | -1 | must be from 0 to 16, which is max
					upstreams.u.links.min-idle=17 | upstreams.u.links.min-idle | 17 | must be from 0 to 16, which is max
					upstreams.u.links.max=1 | upstreams.u.links.min-idle | 2 | must be from 0 to 1, which is max
					upstreams.u.links.max=0 | upstreams.u.links.max | 0 | must be from 1 to 100000
					upstreams.u.links.max=100001 | upstreams.u.links.max | 100001 | must be from 1 to 100000
					upstreams.u.links.acquire-timeout=0s | upstreams.u.links.acquire-timeout | PT0S | must be from 1ms to 1h
					upstreams.u.links.acquire-timeout=61m | upstreams.u.links.acquire-timeout | PT1H1M | must be from 1ms to 1h
					upstreams.u.links.max-waiting=0 | upstreams.u.links.max-waiting | 0 | must be from 1 to 1000000
					upstreams.u.links.max-waiting=1000001 | upstreams.u.links.max-waiting | 1000001 | must be from 1 to 1000000
					upstreams.u.links.max-pending=0 | upstreams.u.links.max-pending | 0 | must be from 1 to 65536
					upstreams.u.links.max-pending=65537 | upstreams.u.links.max-pending | 65537 | must be from 1 to 65536
					upstreams.u.links.idle-timeout=99ms | upstreams.u.links.idle-timeout | PT0.099S | must be at least 100ms
					upstreams.u.links.max-lifetime=999ms | upstreams.u.links.max-lifetime | PT0.999S | must be at least 1s
					upstreams.u.links.connect-timeout=0s | upstreams.u.links.connect-timeout | PT0S | must be from 1ms to 10m
					upstreams.u.links.connect-timeout=11m | upstreams.u.links.connect-timeout | PT11M | must be from 1ms to 10m
					upstreams.u.links.send-timeout=0s | upstreams.u.links.send-timeout | PT0S | must be positive, such as 30s
					upstreams.u.links.max-pending-output=1023B | upstreams.u.links.max-pending-output | 1023B | must be from 1KB to 1GB
					upstreams.u.links.max-pending-output=1025MB | upstreams.u.links.max-pending-output | 1074790400B | must be from 1KB to 1GB
					upstreams.u.links.pause-timeout=0s | upstreams.u.links.pause-timeout | PT0S | must be from 1ms to 1h
					upstreams.u.links.pause-timeout=61m | upstreams.u.links.pause-timeout | PT1H1M | must be from 1ms to 1h
					upstreams.u.links.min-idel=1 | upstreams.u.links.min-idel | 1 | is not a setting: 'min-idel' is unknown, did you mean 'min-idle'?; known here are acquire-timeout, connect-timeout, idle-timeout, max, max-lifetime, max-pending, max-pending-output, max-waiting, min-idle, pause-timeout, send-timeout
					upstreams.u.reconnect.initial=0s | upstreams.u.reconnect.initial | PT0S | must be at least 1ms
					upstreams.u.reconnect.initial=31s | upstreams.u.reconnect.initial | PT31S | is longer than max, which is PT30S; lower it, or raise max
					upstreams.u.reconnect.multiplier=0.9 | upstreams.u.reconnect.multiplier | 0.9 | must be from 1 to 10
					upstreams.u.reconnect.multiplier=10.1 | upstreams.u.reconnect.multiplier | 10.1 | must be from 1 to 10
					upstreams.u.reconnect.multiplier=twice | upstreams.u.reconnect.multiplier | twice | is no number
					upstreams.u.reconnect.jitter=-0.1 | upstreams.u.reconnect.jitter | -0.1 | must be from 0 to 1
					upstreams.u.reconnect.jitter=1.1 | upstreams.u.reconnect.jitter | 1.1 | must be from 0 to 1
					upstreams.u.reconnect.jitter=NaN | upstreams.u.reconnect.jitter | NaN | must be from 0 to 1
					upstreams.u.ejection.after-failures=0 | upstreams.u.ejection.after-failures | 0 | must be from 1 to 1000
					upstreams.u.ejection.after-failures=1001 | upstreams.u.ejection.after-failures | 1001 | must be from 1 to 1000
					upstreams.u.ejection.for=0s | upstreams.u.ejection.for | PT0S | must be from 1ms to 1h
					upstreams.u.ejection.for=61m | upstreams.u.ejection.for | PT1H1M | must be from 1ms to 1h
					upstreams.u.ejection.duration=1s | upstreams.u.ejection.duration | 1s | is not a setting: 'duration' is unknown; known here are after-failures, for
					upstreams.u.endpoint=x:1 | upstreams.u.endpoint | x:1 | is not a setting: 'endpoint' is unknown, did you mean 'endpoints'?; known here are balance, dns, ejection, endpoints, links, liveness, protocol, reconnect, tcp
					protocols.p.correlation.ofset=1 | protocols.p.correlation.ofset | 1 | is not a setting: 'ofset' is unknown, did you mean 'offset'?; known here are offset, reply-offset, size""")
	void mistakeNamesKeyAndValueAndWhatIsRight(String properties, String key, String value, String reason) {
		boolean unknownKey = reason.startsWith("is not a setting") || reason.startsWith("has keys");
		assertThatThrownBy(
				() -> GatewaySettingsTests.settings(unknownKey ? with(properties.split(", ")) : properties.split(", ")))
			.rootCause()
			.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class,
					(ex) -> GatewaySettingsTests.assertMistake(ex, key, value, reason));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					listeners.a.route.upstream=v | listeners.a.route.upstream | v | is not an upstream; known are u
					listeners.a.route.upstream=v, upstreams.b.endpoints=x:1, upstreams.b.protocol=line | listeners.a.route.upstream | v | is not an upstream; known are b, u
					upstreams.u.protocol=lines | upstreams.u.protocol | lines | is not a protocol; known are dns, iso8583, jt808, length16, length32, line, modbus, mqtt, of-the-tests, smpp, stx-etx
					listeners.a.protocol=lines | listeners.a.protocol | lines | is not a protocol; known are dns, iso8583, jt808, length16, length32, line, modbus, mqtt, of-the-tests, smpp, stx-etx
					listeners.a.route.sharing=correlated | listeners.a.route.sharing | correlated | needs a number in each frame, and protocol 'line' of upstream 'u' has none; add correlation.size to a protocol of your own that extends line, or share in another way
					listeners.a.route.sharing=correlated, upstreams.u.protocol=p, protocols.p.extends=line, protocols.p.correlation.size=4 | listeners.a.route.sharing | correlated | puts binary numbers into frames, and with protocol 'p' of upstream 'u' these may be read as a length or as the end of a frame; share in another way
					listeners.a.route.sharing=correlated, upstreams.u.protocol=p, protocols.p.extends=smpp, protocols.p.correlation.offset=2 | listeners.a.route.sharing | correlated | puts binary numbers into frames, and with protocol 'p' of upstream 'u' these may be read as a length or as the end of a frame; share in another way
					listeners.a.route.sharing=pipelined, upstreams.u.protocol=p, protocols.p.framing.type=raw | listeners.a.route.sharing | pipelined | needs frames, and protocol 'p' of upstream 'u' has none, so that the second half of a reply would be taken for another one; give the framing of its replies, or share links as dedicated
					listeners.a.route.sharing=pipelined | listeners.a.route.sharing | pipelined | cannot tell whose reply is whose once a request has had none, because frames of protocol 'line' of upstream 'u' carry no number; add correlation.size, or one-way with the frames that have no reply ([] for none), to a protocol of your own that extends line, or share in another way, or accept wrong replies with unchecked=true
					listeners.a.route.on-failure.reply.hex=610a62 | listeners.a.route.on-failure.reply | 610a62 | cannot be sent as a frame of this protocol: content has 0x0a at byte 1, where a reader may end the frame
					listeners.a.protocol=smpp, listeners.a.route.on-failure.reply.text=error | listeners.a.route.on-failure.reply | error | cannot be sent as a frame of this protocol: frame of 1701999215 bytes exceeds max-frame of 65536 bytes""")
	void nameThatLeadsNowhereIsRefused(String properties, String key, String value, String reason) {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> check(with(properties.split(", "))))
			.satisfies((ex) -> GatewaySettingsTests.assertMistake(ex, key, value, reason));
	}

	@Test
	void relayWithoutAnyUpstreamIsToldWhereToAddIt() {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(
					() -> check("listeners.a.port=7000", "listeners.a.protocol=line", "listeners.a.route.mode=relay",
							"listeners.a.route.upstream=u", "listeners.a.route.sharing=exclusive"))
			.satisfies((ex) -> GatewaySettingsTests.assertMistake(ex, "listeners.a.route.upstream", "u",
					"is not an upstream; gateway.upstreams is empty, so add it there"));
	}

	@Test
	void correlatedNeedsTheNumberInTheProtocolOfTheUpstream() {
		check(with("listeners.a.route.sharing=correlated", "upstreams.u.protocol=own", "protocols.own.extends=length16",
				"protocols.own.correlation.size=2"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "protocols.own.correlation.size=2", "protocols.own.one-way=",
			"protocols.own.one-way[0].text=LOG", "listeners.a.route.unchecked=true" })
	void pipelinedNeedsToKnowWhichReplyBelongsToWhichRequest(String setting) {
		check(with("listeners.a.route.sharing=pipelined", "upstreams.u.protocol=own", "protocols.own.extends=length16",
				setting));
	}

	@Test
	void pipelinedLooksAtTheProtocolOfTheUpstream() {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> check(with("listeners.a.route.sharing=pipelined", "listeners.a.protocol=own",
					"protocols.own.extends=line", "protocols.own.one-way=")));
	}

	@Test
	void upstreamThatNoListenerUsesIsFine() {
		check(with("upstreams.spare.endpoints=x:1", "upstreams.spare.protocol=line"));
	}

	private static void check(String... properties) {
		new GatewayConfiguration().protocols(GatewaySettingsTests.settings(properties));
	}

	/** A relay that is right, with these properties in place of its own. */
	private static String[] with(String... properties) {
		List<String> all = new ArrayList<>(List.of(RELAY));
		all.addAll(List.of(properties));
		return all.toArray(String[]::new);
	}

	private static RouteSettings route(String... properties) {
		return GatewaySettingsTests.settings(properties).listeners().values().iterator().next().route();
	}

	private static OnFailure onFailure(String yaml) throws IOException {
		return yaml("""
				gateway:
				  listeners:
				    a:
				      port: 7000
				      protocol: line
				      route:
				        mode: echo
				        %s
				""".formatted(yaml)).listeners().values().iterator().next().route().onFailure();
	}

	private static GatewaySettings yaml(String yaml) throws IOException {
		StandardEnvironment environment = new StandardEnvironment();
		new YamlPropertySourceLoader().load("settings", new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)))
			.forEach(environment.getPropertySources()::addFirst);
		return GatewaySettings.from(environment);
	}

}
