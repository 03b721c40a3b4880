package io.holdfast.upstream;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static io.holdfast.upstream.TestUpstream.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * An upstream whose name moves while its links are idle.
 */
class MovedNameTests {

	@RegisterExtension
	private final TestUpstream upstreams = new TestUpstream();

	private final TestNameServer names = new TestNameServer();

	private ServerSocket listener;

	@BeforeEach
	void listen() throws Exception {
		// accepts on each address of the loopback, in the backlog
		this.listener = new ServerSocket(0, 50, InetAddress.getByName("0.0.0.0"));
		this.upstreams.useNames(new NameLookup(this.names.address(), System::nanoTime));
	}

	@AfterEach
	void close() throws Exception {
		this.names.close();
		this.listener.close();
	}

	private Upstream warm(int links) {
		return this.upstreams.warm(TestSettings.to()
			.endpoint("billing.example.:" + this.listener.getLocalPort())
			.minIdle(links)
			.dns(Duration.ofSeconds(30), Duration.ofSeconds(5)));
	}

	private static List<String> hosts(Upstream upstream) {
		return upstream.info()
			.endpoints()
			.stream()
			.filter((endpoint) -> endpoint.links() > 0)
			.map((endpoint) -> endpoint.address().replaceAll(".*\\(([0-9.]+):.*", "$1"))
			.toList();
	}

	@Test
	void idleLinksGoToTheNewAddressOnceTheTimeToLiveIsOver() {
		this.names.answers(1, "127.0.0.1");
		Upstream upstream = warm(2);
		assertThat(hosts(upstream)).containsExactly("127.0.0.1");
		this.names.answers(1, "127.0.0.2");
		eventually(() -> assertThat(upstream.info()).satisfies((info) -> assertThat(info.links().idle()).isEqualTo(2))
			.satisfies((info) -> assertThat(hosts(upstream)).containsExactly("127.0.0.2")));
		assertThat(upstream.info().evicted()).containsEntry(Eviction.ENDPOINT, 2L);
	}

	@Test
	void newAddressTakesPartBesideTheOldOne() {
		this.names.answers(1, "127.0.0.1");
		Upstream upstream = warm(2);
		this.names.answers(1, "127.0.0.1", "127.0.0.2");
		eventually(() -> assertThat(upstream.endpointCount()).isEqualTo(2));
		assertThat(upstream.info().links().idle()).isEqualTo(2);
		assertThat(upstream.info().evicted()).isEmpty();
	}

	@Test
	void linksStayWhileTheNameCannotBeLookedUp() {
		this.names.answers(1, "127.0.0.1");
		Upstream upstream = warm(2);
		int before = this.names.questions();
		this.names.answers(1);
		eventually(() -> assertThat(this.names.questions()).isGreaterThan(before));
		// and another connect is made to what was known
		Link link = this.upstreams.borrow(upstream);
		assertThat(link.isOpen()).isTrue();
		assertThat(hosts(upstream)).containsExactly("127.0.0.1");
		assertThat(upstream.info().evicted()).isEmpty();
	}

}
