package io.holdfast.actuate;

import java.net.InetSocketAddress;
import java.time.Instant;

import io.holdfast.connection.ConnectionInfo;
import io.holdfast.connection.ConnectionInfo.TlsInfo;
import io.holdfast.connection.ConnectionState;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ConnectionViewTests {

	private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

	private static final TlsInfo TLS = new TlsInfo("TLSv1.3", "TLS_AES_128_GCM_SHA256");

	@Test
	void everyValueIsShown() {
		ConnectionView view = ConnectionView.of(connection(SINCE.plusMillis(1000), SINCE.plusMillis(2000)),
				SINCE.plusMillis(2500));
		assertThat(view)
			.isEqualTo(new ConnectionView("a", "echo", "10.0.0.5:40000", "[::1]:9000", "silent", 2, "356938035643809",
					SINCE, 2500, 500, SINCE.plusMillis(1000), SINCE.plusMillis(2000), 1, 2, 3, 4, 5, 6, TLS));
	}

	@Test
	void connectionThatHasOnlyListenedIsIdleSinceThat() {
		assertThat(ConnectionView.of(connection(SINCE.plusMillis(1000), null), SINCE.plusMillis(2500)).idleMillis())
			.isEqualTo(1500);
	}

	@Test
	void connectionThatNeverSpokeIsIdleSinceItsOpening() {
		assertThat(ConnectionView.of(connection(null, null), SINCE.plusMillis(2500)).idleMillis()).isEqualTo(2500);
	}

	@Test
	void frameThatCameAfterTheClockWasReadLeavesNoNegativeTimes() {
		ConnectionView view = ConnectionView.of(connection(SINCE.plusMillis(2), null), SINCE.minusMillis(1));
		assertThat(view.ageMillis()).isZero();
		assertThat(view.idleMillis()).isZero();
	}

	private static ConnectionInfo connection(@Nullable Instant lastFrameIn, @Nullable Instant lastFrameOut) {
		return new ConnectionInfo("a", "echo", new InetSocketAddress("10.0.0.5", 40000),
				new InetSocketAddress(NetUtil.LOCALHOST6, 9000), ConnectionState.SILENT, 2, "356938035643809", SINCE,
				lastFrameIn, lastFrameOut, 1, 2, 3, 4, 5, 6, TLS);
	}

}
