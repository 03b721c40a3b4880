package io.holdfast.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import org.jsmpp.PDUStringException;
import org.jsmpp.SMPPConstant;
import org.jsmpp.bean.BroadcastSm;
import org.jsmpp.bean.CancelBroadcastSm;
import org.jsmpp.bean.CancelSm;
import org.jsmpp.bean.DataSm;
import org.jsmpp.bean.EnquireLink;
import org.jsmpp.bean.OptionalParameter;
import org.jsmpp.bean.QueryBroadcastSm;
import org.jsmpp.bean.QuerySm;
import org.jsmpp.bean.ReplaceSm;
import org.jsmpp.bean.SubmitMulti;
import org.jsmpp.bean.SubmitSm;
import org.jsmpp.extra.ProcessRequestException;
import org.jsmpp.session.BindRequest;
import org.jsmpp.session.BroadcastSmResult;
import org.jsmpp.session.DataSmResult;
import org.jsmpp.session.QueryBroadcastSmResult;
import org.jsmpp.session.QuerySmResult;
import org.jsmpp.session.SMPPServerSession;
import org.jsmpp.session.ServerMessageReceiverListener;
import org.jsmpp.session.Session;
import org.jsmpp.session.SubmitMultiResult;
import org.jsmpp.session.SubmitSmResult;
import org.jsmpp.session.connection.socket.ServerSocketConnection;
import org.jsmpp.util.MessageId;

/**
 * A message centre of jsmpp's own sessions: a connection each, which must begin with a
 * bind.
 */
final class Smsc implements AutoCloseable {

	private static final int PROCESSORS = 1;

	private static final int QUEUE = 100;

	private final ServerSocket socket;

	private final ServerSocketConnection listener;

	private final Map<String, SMPPServerSession> sessions = new ConcurrentHashMap<>();

	private final AtomicInteger enquiries = new AtomicInteger();

	private final int enquireMillis;

	private Smsc(ServerSocket socket, int enquireMillis) {
		this.enquireMillis = enquireMillis;
		this.socket = socket;
		this.listener = new ServerSocketConnection(socket);
	}

	static Smsc start(int enquireMillis) throws IOException {
		Smsc smsc = new Smsc(new ServerSocket(0, 0, InetAddress.getLoopbackAddress()), enquireMillis);
		Thread thread = new Thread(smsc::accept, "smsc");
		thread.setDaemon(true);
		thread.start();
		return smsc;
	}

	int port() {
		return this.socket.getLocalPort();
	}

	SMPPServerSession session(String systemId) {
		return Objects.requireNonNull(this.sessions.get(systemId), systemId);
	}

	/** What clients have asked. */
	int enquiries() {
		return this.enquiries.get();
	}

	private void accept() {
		try {
			while (true) {
				SMPPServerSession session = new SMPPServerSession(this.listener.accept(), null, new Receiver(), null,
						PROCESSORS, QUEUE);
				session.setEnquireLinkTimer(this.enquireMillis);
				BindRequest bind = session.waitForBind(SmppTests.PATIENCE_MILLIS);
				this.sessions.put(bind.getSystemId(), session);
				bind.accept("smsc");
			}
		}
		catch (IOException | TimeoutException | PDUStringException ex) {
			// closed, or a test misses its session
		}
	}

	@Override
	public void close() {
		try {
			this.listener.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.sessions.values().forEach(SMPPServerSession::close);
	}

	/** Takes messages, and nothing else. */
	private final class Receiver implements ServerMessageReceiverListener {

		@Override
		public SubmitSmResult onAcceptSubmitSm(SubmitSm message, SMPPServerSession source)
				throws ProcessRequestException {
			try {
				String text = new String(message.getShortMessage(), SmppTests.TEXT);
				return new SubmitSmResult(new MessageId(SmppTests.messageId(message.getSourceAddr(), text)),
						new OptionalParameter[0]);
			}
			catch (PDUStringException ex) {
				throw new ProcessRequestException("message ID", SMPPConstant.STAT_ESME_RSYSERR, ex);
			}
		}

		@Override
		public void onAcceptEnquireLink(EnquireLink enquiry, Session source) {
			Smsc.this.enquiries.incrementAndGet();
		}

		@Override
		public DataSmResult onAcceptDataSm(DataSm message, Session source) throws ProcessRequestException {
			throw refusal();
		}

		@Override
		public SubmitMultiResult onAcceptSubmitMulti(SubmitMulti message, SMPPServerSession source)
				throws ProcessRequestException {
			throw refusal();
		}

		@Override
		public QuerySmResult onAcceptQuerySm(QuerySm query, SMPPServerSession source) throws ProcessRequestException {
			throw refusal();
		}

		@Override
		public void onAcceptReplaceSm(ReplaceSm message, SMPPServerSession source) throws ProcessRequestException {
			throw refusal();
		}

		@Override
		public void onAcceptCancelSm(CancelSm message, SMPPServerSession source) throws ProcessRequestException {
			throw refusal();
		}

		@Override
		public BroadcastSmResult onAcceptBroadcastSm(BroadcastSm message, SMPPServerSession source)
				throws ProcessRequestException {
			throw refusal();
		}

		@Override
		public void onAcceptCancelBroadcastSm(CancelBroadcastSm message, SMPPServerSession source)
				throws ProcessRequestException {
			throw refusal();
		}

		@Override
		public QueryBroadcastSmResult onAcceptQueryBroadcastSm(QueryBroadcastSm query, SMPPServerSession source)
				throws ProcessRequestException {
			throw refusal();
		}

		private static ProcessRequestException refusal() {
			return new ProcessRequestException("not here", SMPPConstant.STAT_ESME_RINVCMDID);
		}

	}

}
