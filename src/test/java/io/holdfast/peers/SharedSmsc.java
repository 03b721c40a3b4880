package io.holdfast.peers;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.jsmpp.InvalidCommandLengthException;
import org.jsmpp.PDUReader;
import org.jsmpp.PDUSender;
import org.jsmpp.PDUStringException;
import org.jsmpp.SMPPConstant;
import org.jsmpp.DefaultPDUReader;
import org.jsmpp.DefaultPDUSender;
import org.jsmpp.bean.Command;
import org.jsmpp.bean.InterfaceVersion;
import org.jsmpp.bean.SubmitSm;
import org.jsmpp.util.DefaultDecomposer;
import org.jsmpp.util.PDUDecomposer;

/**
 * A message centre that answers each request for itself, whoever sends it, with the codec
 * of jsmpp: the library's own sessions refuse a second bind on a connection, as SMPP has
 * it, so that links to them cannot be shared.
 * <p>
 * Messages are held until as many are there as there are clients, and answered the last
 * one first.
 */
final class SharedSmsc {

	private final PDUReader reader = new DefaultPDUReader();

	private final PDUDecomposer decomposer = new DefaultDecomposer();

	private final PDUSender sender = new DefaultPDUSender();

	private final int clients;

	private final AtomicInteger binds = new AtomicInteger();

	private final AtomicInteger enquiries = new AtomicInteger();

	// guarded by this, as is writing
	private final List<Held> held = new ArrayList<>();

	SharedSmsc(int clients) {
		this.clients = clients;
	}

	int binds() {
		return this.binds.get();
	}

	int enquiries() {
		return this.enquiries.get();
	}

	void serve(Socket socket) throws IOException {
		DataInputStream input = new DataInputStream(socket.getInputStream());
		try {
			while (true) {
				Command header = this.reader.readPDUHeader(input);
				answer(header, this.reader.readPDU(input, header), socket.getOutputStream());
			}
		}
		catch (InvalidCommandLengthException | PDUStringException ex) {
			throw new IOException(ex);
		}
	}

	private synchronized void answer(Command header, byte[] pdu, OutputStream output)
			throws IOException, PDUStringException {
		int number = header.getSequenceNumber();
		switch (header.getCommandId()) {
			case SMPPConstant.CID_BIND_TRANSCEIVER -> {
				this.binds.incrementAndGet();
				this.sender.sendBindResp(output, SMPPConstant.CID_BIND_TRANSCEIVER_RESP, number, "smsc",
						InterfaceVersion.IF_34);
			}
			case SMPPConstant.CID_ENQUIRE_LINK -> {
				this.enquiries.incrementAndGet();
				this.sender.sendEnquireLinkResp(output, number);
			}
			case SMPPConstant.CID_SUBMIT_SM -> hold(new Held(this.decomposer.submitSm(pdu), output));
			case SMPPConstant.CID_UNBIND -> this.sender.sendUnbindResp(output, SMPPConstant.STAT_ESME_ROK, number);
			default -> throw new IOException("unexpected " + header.getCommandIdAsHex());
		}
	}

	private void hold(Held message) throws IOException, PDUStringException {
		this.held.add(message);
		if (this.held.size() == this.clients) {
			for (int i = this.held.size() - 1; i >= 0; i--) {
				SubmitSm submit = this.held.get(i).submit();
				this.sender.sendSubmitSmResp(this.held.get(i).output(), submit.getSequenceNumber(), SmppTests
					.messageId(submit.getSourceAddr(), new String(submit.getShortMessage(), SmppTests.TEXT)));
			}
			this.held.clear();
		}
	}

	private record Held(SubmitSm submit, OutputStream output) {
	}

}
