package io.holdfast.peers;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.holdfast.connection.CloseReason;
import io.holdfast.connection.ConnectionInfo;
import io.holdfast.liveness.HeartbeatResult;
import io.holdfast.liveness.Liveness;
import io.holdfast.testing.TestGateway;
import org.jsmpp.bean.AlertNotification;
import org.jsmpp.bean.BindType;
import org.jsmpp.bean.DataSm;
import org.jsmpp.bean.DeliverSm;
import org.jsmpp.bean.ESMClass;
import org.jsmpp.bean.EnquireLink;
import org.jsmpp.bean.GeneralDataCoding;
import org.jsmpp.bean.NumberingPlanIndicator;
import org.jsmpp.bean.RegisteredDelivery;
import org.jsmpp.bean.TypeOfNumber;
import org.jsmpp.extra.ProcessRequestException;
import org.jsmpp.extra.SessionState;
import org.jsmpp.session.BindParameter;
import org.jsmpp.session.DataSmResult;
import org.jsmpp.session.MessageReceiverListener;
import org.jsmpp.session.SMPPServerSession;
import org.jsmpp.session.SMPPSession;
import org.jsmpp.session.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Preset {@code smpp} between sessions of jsmpp, all of which count from 1.
 */
class SmppTests {

	/** Silence after which the library's sessions send enquire_link. */
	private static final int ENQUIRING = 200;

	private static final int NOT_ENQUIRING = 60_000;

	static final int PATIENCE_MILLIS = 10_000;

	static final Charset TEXT = StandardCharsets.US_ASCII;

	/** A link that is not bound at once is closed by a message centre. */
	private static final String NO_IDLE_LINKS = "gateway.upstreams.smsc.links.min-idle=0";

	private static final TypeOfNumber ANY_TYPE = TypeOfNumber.UNKNOWN;

	private static final NumberingPlanIndicator ANY_PLAN = NumberingPlanIndicator.UNKNOWN;

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final Map<Integer, Esme> esmes = new ConcurrentHashMap<>();

	@AfterEach
	void close() throws Exception {
		onAll(this.esmes.size(), (i) -> {
			esme(i).session.close();
			return i;
		});
		this.executor.shutdown();
	}

	@Test
	void fiftySessionsShareTwoLinks() throws Exception {
		int sessions = 50;
		int links = 2;
		SharedSmsc smsc = new SharedSmsc(sessions);
		try (PeerServer server = PeerServer.start(smsc::serve);
				TestGateway gateway = gateway(server.port(), "correlated",
						"gateway.upstreams.smsc.links.max=" + links)) {
			onAll(sessions, (i) -> bind(gateway, i, ENQUIRING));
			assertThat(smsc.binds()).isEqualTo(sessions);
			onAll(sessions, (i) -> esme(i).submit("first"));
			// a session closes itself when it gets no answer
			await().until(() -> count(gateway, "s.liveness", HeartbeatResult.ANSWERED) >= 2L * sessions);
			for (int round = 0; round < 3; round++) {
				String text = "message " + round;
				assertThat(onAll(sessions, (i) -> esme(i).submit(text))).containsExactlyElementsOf(
						IntStream.range(0, sessions).mapToObj((i) -> messageId(Esme.address(i), text)).toList());
			}
			assertThat(gateway.registry().stream()).extracting(ConnectionInfo::identity)
				.containsExactlyInAnyOrderElementsOf(IntStream.range(0, sessions).mapToObj(Esme::systemId).toList());
			onAll(sessions, (i) -> {
				esme(i).session.unbindAndClose();
				return i;
			});
			await().until(() -> gateway.registry().count() == 0);
			assertThat(gateway.closes()).containsExactly(Map.entry(CloseReason.PEER_CLOSED, sessions));
			assertThat(smsc.enquiries()).isZero();
			assertThat(server.accepted()).isEqualTo(links);
		}
	}

	@Test
	void sessionOnALinkOfItsOwnGoesBothWays() throws Exception {
		int sessions = 5;
		try (Smsc smsc = Smsc.start(ENQUIRING);
				TestGateway gateway = gateway(smsc.port(), "dedicated", NO_IDLE_LINKS)) {
			onAll(sessions, (i) -> bind(gateway, i, ENQUIRING));
			for (int i = 0; i < sessions; i++) {
				assertThat(esme(i).submit("up")).isEqualTo(messageId(Esme.address(i), "up"));
				// returns with the client's deliver_sm_resp
				deliver(smsc.session(Esme.systemId(i)), Esme.address(i));
			}
			for (int i = 0; i < sessions; i++) {
				assertThat(esme(i).delivered).containsExactly(Esme.address(i));
			}
			esme(0).session.unbindAndClose();
			await().until(() -> smsc.session(Esme.systemId(0)).getSessionState() == SessionState.CLOSED);
			assertThat(smsc.session(Esme.systemId(1)).getSessionState()).isEqualTo(SessionState.BOUND_TRX);
			assertThat(gateway.registry().stream()).extracting(ConnectionInfo::identity)
				.containsExactlyInAnyOrder("esme-1", "esme-2", "esme-3", "esme-4");
		}
	}

	@Test
	void enquiriesOfBothEndsAreAnsweredByTheGateway() throws Exception {
		try (Smsc smsc = Smsc.start(ENQUIRING);
				TestGateway gateway = gateway(smsc.port(), "dedicated", NO_IDLE_LINKS)) {
			Esme esme = bind(gateway, 0, ENQUIRING);
			esme.submit("first");
			await().untilAsserted(() -> {
				assertThat(count(gateway, "s.liveness", HeartbeatResult.ANSWERED)).isGreaterThanOrEqualTo(3);
				assertThat(count(gateway, "smsc.link-liveness", HeartbeatResult.ANSWERED)).isGreaterThanOrEqualTo(3);
			});
			assertThat(esme.submit("still here")).isEqualTo(messageId(Esme.address(0), "still here"));
			assertThat(esme.enquiries).hasValue(0);
			assertThat(smsc.enquiries()).isZero();
		}
	}

	@Test
	void enquiriesOfTheGatewayAreAnsweredByBothEnds() throws Exception {
		try (Smsc smsc = Smsc.start(NOT_ENQUIRING);
				TestGateway gateway = gateway(smsc.port(), "dedicated", NO_IDLE_LINKS,
						"gateway.listeners.s.liveness.heartbeat-interval=100ms",
						"gateway.upstreams.smsc.liveness.heartbeat-interval=100ms")) {
			Esme esme = bind(gateway, 0, NOT_ENQUIRING);
			await().untilAsserted(() -> {
				assertThat(count(gateway, "s.liveness", HeartbeatResult.ACKNOWLEDGED)).isGreaterThanOrEqualTo(3);
				assertThat(count(gateway, "smsc.link-liveness", HeartbeatResult.ACKNOWLEDGED))
					.isGreaterThanOrEqualTo(3);
			});
			assertThat(esme.submit("still here")).isEqualTo(messageId(Esme.address(0), "still here"));
			assertThat(esme.enquiries.get()).isGreaterThanOrEqualTo(3);
			assertThat(smsc.enquiries()).isGreaterThanOrEqualTo(3);
		}
	}

	private static TestGateway gateway(int smsc, String sharing, String... settings) {
		return TestGateway.start(Stream.concat(
				Stream.of("gateway.listeners.s.port=0", "gateway.listeners.s.protocol=smpp",
						"gateway.listeners.s.route.mode=relay", "gateway.listeners.s.route.upstream=smsc",
						"gateway.listeners.s.route.sharing=" + sharing,
						"gateway.upstreams.smsc.endpoints=127.0.0.1:" + smsc, "gateway.upstreams.smsc.protocol=smpp"),
				Stream.of(settings))
			.toArray(String[]::new));
	}

	private static long count(TestGateway gateway, String bean, HeartbeatResult result) {
		return gateway.bean(bean, Liveness.class).count(result);
	}

	/** By which a message and its answer are told from all others. */
	static String messageId(String source, String text) {
		return source + ": " + text;
	}

	private Esme bind(TestGateway gateway, int index, int enquireMillis) throws Exception {
		Esme esme = new Esme(gateway, index, enquireMillis);
		this.esmes.put(index, esme);
		return esme;
	}

	private Esme esme(int index) {
		return Objects.requireNonNull(this.esmes.get(index));
	}

	/** Does something for each session at once. */
	private <T> List<T> onAll(int sessions, Work<T> work) throws Exception {
		List<Future<T>> all = new ArrayList<>();
		for (int i = 0; i < sessions; i++) {
			int session = i;
			all.add(this.executor.submit(() -> work.on(session)));
		}
		List<T> results = new ArrayList<>();
		for (Future<T> each : all) {
			results.add(each.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
		}
		return results;
	}

	private static void deliver(SMPPServerSession session, String destination) throws Exception {
		session.setTransactionTimer(PATIENCE_MILLIS);
		session.deliverShortMessage("", ANY_TYPE, ANY_PLAN, "1000", ANY_TYPE, ANY_PLAN, destination, new ESMClass(),
				(byte) 0, (byte) 0, new RegisteredDelivery(), GeneralDataCoding.DEFAULT, "down".getBytes(TEXT));
	}

	@FunctionalInterface
	private interface Work<T> {

		T on(int session) throws Exception;

	}

	/** A client that is bound. */
	private static final class Esme implements MessageReceiverListener {

		private final int index;

		private final SMPPSession session = new SMPPSession();

		private final List<String> delivered = new CopyOnWriteArrayList<>();

		private final AtomicInteger enquiries = new AtomicInteger();

		Esme(TestGateway gateway, int index, int enquireMillis) throws Exception {
			this.index = index;
			this.session.setTransactionTimer(PATIENCE_MILLIS);
			this.session.setMessageReceiverListener(this);
			this.session.connectAndBind("127.0.0.1", gateway.port("s"),
					new BindParameter(BindType.BIND_TRX, systemId(index), "secret", "", ANY_TYPE, ANY_PLAN, ""),
					PATIENCE_MILLIS);
			// not before: the library cannot enquire until it is bound. Holds from the
			// next
			// PDU on
			this.session.setEnquireLinkTimer(enquireMillis);
		}

		static String systemId(int index) {
			return "esme-" + index;
		}

		static String address(int index) {
			return "5550" + index;
		}

		/** Sends a message, and has its ID. */
		String submit(String text) throws Exception {
			return this.session
				.submitShortMessage("", ANY_TYPE, ANY_PLAN, address(this.index), ANY_TYPE, ANY_PLAN, "1000",
						new ESMClass(), (byte) 0, (byte) 0, null, null, new RegisteredDelivery(), (byte) 0,
						GeneralDataCoding.DEFAULT, (byte) 0, text.getBytes(TEXT))
				.getMessageId();
		}

		@Override
		public void onAcceptDeliverSm(DeliverSm message) {
			this.delivered.add(message.getDestAddress());
		}

		@Override
		public void onAcceptEnquireLink(EnquireLink enquiry, Session source) {
			this.enquiries.incrementAndGet();
		}

		@Override
		public void onAcceptAlertNotification(AlertNotification alert) {
			throw new UnsupportedOperationException();
		}

		@Override
		public DataSmResult onAcceptDataSm(DataSm message, Session source) throws ProcessRequestException {
			throw new UnsupportedOperationException();
		}

	}

}
