package io.holdfast.upstream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * A name server on the loopback that answers every question for IPv4 addresses alike.
 */
final class TestNameServer implements AutoCloseable {

	private final DatagramSocket socket;

	private final Thread thread;

	private final AtomicInteger questions = new AtomicInteger();

	private volatile List<String> addresses = List.of();

	private volatile long ttlSeconds = 3600;

	private volatile boolean silent;

	TestNameServer() {
		try {
			this.socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.thread = new Thread(this::serve, "name server");
		this.thread.setDaemon(true);
		this.thread.start();
	}

	SingletonDnsServerAddressStreamProvider address() {
		return new SingletonDnsServerAddressStreamProvider(
				new InetSocketAddress(InetAddress.getLoopbackAddress(), this.socket.getLocalPort()));
	}

	/** Answers with these from now on, or that there is no such name. */
	TestNameServer answers(long ttl, String... numbers) {
		this.ttlSeconds = ttl;
		this.addresses = List.of(numbers);
		return this;
	}

	/** Answers nothing from now on, or again. */
	void silent(boolean nothing) {
		this.silent = nothing;
	}

	/** Questions for IPv4 addresses so far. */
	int questions() {
		return this.questions.get();
	}

	private void serve() {
		byte[] buffer = new byte[1024];
		while (!this.socket.isClosed()) {
			try {
				DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
				this.socket.receive(packet);
				byte[] answer = answer(new Message(content(packet)));
				if (!this.silent) {
					this.socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
				}
			}
			catch (IOException ex) {
				// closed, or a question that is none
			}
		}
	}

	private static byte[] content(DatagramPacket packet) {
		byte[] content = new byte[packet.getLength()];
		System.arraycopy(packet.getData(), packet.getOffset(), content, 0, content.length);
		return content;
	}

	private byte[] answer(Message question) throws IOException {
		Record asked = question.getQuestion();
		Message answer = new Message(question.getHeader().getID());
		answer.getHeader().setFlag(Flags.QR);
		answer.getHeader().setFlag(Flags.RA);
		answer.addRecord(asked, Section.QUESTION);
		if (asked.getType() == Type.A) {
			this.questions.incrementAndGet();
			for (String number : this.addresses) {
				answer.addRecord(
						new ARecord(asked.getName(), DClass.IN, this.ttlSeconds, InetAddress.getByName(number)),
						Section.ANSWER);
			}
		}
		if (this.addresses.isEmpty()) {
			answer.getHeader().setRcode(Rcode.NXDOMAIN);
		}
		return answer.toWire();
	}

	@Override
	public void close() {
		this.socket.close();
	}

}
