package io.holdfast.actuate;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.stream.Stream;

import io.holdfast.testing.TestGateway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who may use the management port: requests as browsers send them for a page, and as
 * operators, probes and scrapers do.
 */
class ManagementGuardTests {

	private static final String START = "{\"action\": \"start\"}";

	private static TestGateway gateway;

	@BeforeAll
	static void start() {
		gateway = TestGateway.start("gateway.listeners.a.port=0", "gateway.listeners.a.protocol=line",
				"gateway.listeners.a.route.mode=echo", "gateway.management.allowed-hosts=gateway.example.org, *.svc");
	}

	@AfterAll
	static void stop() throws IOException {
		assertServing();
		gateway.close();
	}

	private static void assertServing() throws IOException {
		assertThat(new RawRequest("GET", "/actuator/drain").to(gateway.managementPort()).body())
			.contains("\"phase\":\"serving\"");
	}

	private static RawRequest get() {
		return new RawRequest("GET", "/actuator/health/liveness");
	}

	private static RawRequest drain() {
		return new RawRequest("POST", "/actuator/drain");
	}

	private static void assertRefused(RawRequest request, int status, String... reason) throws IOException {
		RawRequest.Answer answer = request.to(gateway.managementPort());
		assertThat(answer.status()).isEqualTo(status);
		assertThat(answer.head()).contains("content-type: application/json");
		assertThat(answer.body()).startsWith("{\"status\":" + status + ",").contains(reason);
		assertServing();
	}

	private static void assertAnswered(RawRequest request) throws IOException {
		assertThat(request.to(gateway.managementPort()).status()).isEqualTo(200);
	}

	@Test
	void postWithoutContentTypeIsRefused() throws IOException {
		assertRefused(drain().header("Content-Length", "0"), 415,
				"POST needs Content-Type: application/json, and this one has none; such as curl");
	}

	@ParameterizedTest
	@ValueSource(strings = { "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
			"text/plain; application/json", "*/*", "none at all" })
	void contentTypeThatAPageMaySendIsRefused(String type) throws IOException {
		assertRefused(drain().body(type, START), 415, "and this one has '" + type + "'");
	}

	@Test
	void deleteWithABodyNeedsJsonToo() throws IOException {
		assertRefused(new RawRequest("DELETE", "/actuator/connections/nobody").body("text/plain", START), 415,
				"DELETE needs Content-Type: application/json");
		assertThat(new RawRequest("DELETE", "/actuator/connections/nobody").to(gateway.managementPort()).status())
			.isEqualTo(404);
	}

	@ParameterizedTest
	@ValueSource(strings = { "cross-site", "same-site" })
	void requestOfAPageOfAnotherSiteIsRefused(String site) throws IOException {
		assertRefused(drain().json(START).header("Sec-Fetch-Site", site), 403, "Sec-Fetch-Site: " + site);
		assertRefused(new RawRequest("DELETE", "/actuator/connections/nobody").header("Sec-Fetch-Site", site), 403,
				"web page of another site");
		assertRefused(get().header("Sec-Fetch-Site", site).header("Sec-Fetch-Mode", "no-cors"), 403,
				"web page of another site");
		assertRefused(drain().json(START).header("Sec-Fetch-Site", site).header("Sec-Fetch-Mode", "navigate"), 403,
				"web page of another site");
	}

	@Test
	void linkToThePortCanBeFollowed() throws IOException {
		assertAnswered(get().header("Sec-Fetch-Site", "cross-site").header("Sec-Fetch-Mode", "navigate"));
		assertAnswered(get().header("Sec-Fetch-Site", "none").header("Sec-Fetch-Mode", "navigate"));
		assertAnswered(get().header("Sec-Fetch-Site", "same-origin"));
	}

	@ParameterizedTest
	@CsvSource({ "http://evil.example, localhost:8081", "http://localhost, localhost:8081",
			"http://localhost:8082, localhost:8081", "null, localhost:8081", "http://evil.example, gateway.example.org",
			"not an origin, localhost" })
	void originThatIsNotTheHostIsRefused(String origin, String host) throws IOException {
		assertRefused(drain().header("Host", host).json(START).header("Origin", origin), 403,
				"comes from a web page of '" + origin + "' and not of '" + host + "'", "keep the Host header");
		assertRefused(get().header("Host", host).header("Origin", origin), 403, "comes from a web page");
	}

	@ParameterizedTest
	@CsvSource({ "http://localhost:8081, localhost:8081", "https://gateway.example.org, gateway.example.org",
			"https://Gateway.Example.org, gateway.example.org:443", "http://10.0.0.7, 10.0.0.7:80",
			"http://[::1]:8081, [::1]:8081" })
	void originThatIsTheHostIsAnswered(String origin, String host) throws IOException {
		assertAnswered(get().header("Host", host).header("Origin", origin));
	}

	static Stream<String> ownNames() throws UnknownHostException {
		return Stream.of(InetAddress.getLocalHost().getHostName());
	}

	@ParameterizedTest
	@ValueSource(strings = { "localhost", "localhost:8081", "LOCALHOST.", "gateway.localhost", "127.0.0.1:8081",
			"[::1]", "[fe80::1]:8081", "10.244.3.7:8081", "gateway.example.org:443", "holdfast.ns.svc", "a.b.svc." })
	@MethodSource("ownNames")
	void hostThatIsTheGatewaysIsAnswered(String host) throws IOException {
		assertAnswered(get().header("Host", host));
	}

	@ParameterizedTest
	@ValueSource(strings = { "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
			"www.gateway.example.org", "svc", "evilsvc", "", "[evil]", "127.1", "0x7f.1" })
	void hostOfSomebodyElseIsRefusedForReadingToo(String host) throws IOException {
		assertRefused(get().header("Host", host), 403, "gateway.management.allowed-hosts");
		assertRefused(drain().header("Host", host).json(START), 403, "gateway.management.allowed-hosts");
	}

	@Test
	void longNamesAreNotRepeatedInFull() throws IOException {
		RawRequest.Answer answer = get().header("Host", "x".repeat(5000)).to(gateway.managementPort());
		assertThat(answer.status()).isEqualTo(403);
		assertThat(answer.body()).hasSizeLessThan(500);
	}

}
