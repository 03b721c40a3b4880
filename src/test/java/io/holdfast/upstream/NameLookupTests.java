package io.holdfast.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import io.holdfast.upstream.NameLookup.Found;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Look-ups of names at a name server of the test's own.
 */
class NameLookupTests {

	private static final String HOST = "billing.example.";

	private static final DnsSettings PATIENT = new DnsSettings(Duration.ofSeconds(30), Duration.ofSeconds(30));

	private static final DnsSettings HASTY = new DnsSettings(Duration.ofSeconds(30), Duration.ofMillis(200));

	private final TestNameServer server = new TestNameServer();

	private final AtomicLong nanos = new AtomicLong();

	private final NameLookup names = new NameLookup(this.server.address(), this.nanos::get);

	@AfterEach
	void close() {
		this.names.close();
		this.server.close();
	}

	private Found ask(DnsSettings settings) throws Exception {
		return this.names.addressesOf(HOST, settings).get(20, TimeUnit.SECONDS);
	}

	private List<String> addresses(Found found) {
		return found.addresses().stream().map(InetAddress::getHostAddress).toList();
	}

	private void pass(Duration span) {
		this.nanos.addAndGet(span.toNanos());
	}

	@Test
	void allAddressesOfANameAreFound() throws Exception {
		this.server.answers(60, "10.1.0.1", "10.1.0.2", "10.1.0.3");
		assertThat(addresses(ask(PATIENT))).containsExactlyInAnyOrder("10.1.0.1", "10.1.0.2", "10.1.0.3");
	}

	@Test
	void answerIsKeptForItsTimeToLive() throws Exception {
		this.server.answers(10, "10.1.0.1");
		assertThat(ask(PATIENT).lasts()).isEqualTo(Duration.ofSeconds(10));
		this.server.answers(10, "10.1.0.2");
		pass(Duration.ofSeconds(9));
		assertThat(ask(PATIENT)).satisfies((found) -> assertThat(addresses(found)).containsExactly("10.1.0.1"))
			.returns(Duration.ofSeconds(1), Found::lasts);
		assertThat(this.server.questions()).isEqualTo(1);
		pass(Duration.ofSeconds(1));
		assertThat(addresses(ask(PATIENT))).containsExactly("10.1.0.2");
		assertThat(this.server.questions()).isEqualTo(2);
	}

	@Test
	void longTimeToLiveEndsWithTheRefresh() throws Exception {
		this.server.answers(3600, "10.1.0.1");
		assertThat(ask(PATIENT).lasts()).isEqualTo(Duration.ofSeconds(30));
		pass(Duration.ofSeconds(30));
		ask(PATIENT);
		assertThat(this.server.questions()).isEqualTo(2);
	}

	@Test
	void timeToLiveOfZeroStillLastsASecond() throws Exception {
		this.server.answers(0, "10.1.0.1");
		assertThat(ask(PATIENT).lasts()).isEqualTo(Duration.ofSeconds(1));
		ask(PATIENT);
		assertThat(this.server.questions()).isEqualTo(1);
	}

	@Test
	void thoseWhoAskMeanwhileShareOneQuery() throws Exception {
		this.server.answers(60, "10.1.0.1");
		List<CompletableFuture<Found>> answers = IntStream.range(0, 1000)
			.mapToObj((i) -> this.names.addressesOf(HOST, PATIENT))
			.toList();
		for (CompletableFuture<Found> answer : answers) {
			assertThat(addresses(answer.get(20, TimeUnit.SECONDS))).containsExactly("10.1.0.1");
		}
		assertThat(this.server.questions()).isEqualTo(1);
	}

	@Test
	void unknownNameFailsWithThat() {
		assertThatThrownBy(() -> ask(PATIENT)).cause()
			.isInstanceOf(UnknownHostException.class)
			.hasMessage("name is not known");
	}

	@Test
	void silentNameServerFailsAfterTheTimeout() {
		this.server.silent(true);
		assertThatThrownBy(() -> ask(HASTY)).cause()
			.isInstanceOf(UnknownHostException.class)
			.hasMessage("name servers do not answer");
	}

	@Test
	void lastAnswerIsKeptWhenLookUpsFail() throws Exception {
		this.server.answers(1, "10.1.0.1");
		ask(HASTY);
		pass(Duration.ofMinutes(10));
		this.server.silent(true);
		assertThat(ask(HASTY)).satisfies((found) -> assertThat(addresses(found)).containsExactly("10.1.0.1"))
			.returns(Duration.ZERO, Found::lasts);
		this.server.silent(false);
		this.server.answers(1);
		assertThat(addresses(ask(PATIENT))).containsExactly("10.1.0.1");
		this.server.answers(1, "10.1.0.2");
		assertThat(addresses(ask(PATIENT))).containsExactly("10.1.0.2");
	}

	@Test
	void hostsFileComesFirst() throws Exception {
		assertThat(this.names.addressesOf("localhost", PATIENT).get(20, TimeUnit.SECONDS).addresses())
			.contains(InetAddress.getLoopbackAddress());
		assertThat(this.server.questions()).isZero();
	}

	@Test
	void nothingIsLookedUpAfterTheEnd() {
		this.names.close();
		assertThatThrownBy(() -> ask(HASTY)).cause().isInstanceOf(UnknownHostException.class);
	}

}
