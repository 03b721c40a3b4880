package io.holdfast.peers;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.holdfast.connection.ConnectionInfo;
import io.holdfast.testing.TestGateway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.NioClient;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

/**
 * Preset {@code dns} between resolvers of dnsjava and a server that reads and writes with
 * dnsjava.
 */
class DnsTests {

	private static final int CLIENTS = 20;

	/** Each client pipelines as many queries, with the same IDs as all others. */
	private static final int IDS = 5;

	private static final int LINKS = 2;

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	/** The library's selector, which all resolvers share. */
	@AfterAll
	static void close() {
		NioClient.close();
	}

	@Test
	void everyClientGetsTheAnswersToItsOwnQuestionsThoughAllUseTheSameIds() throws Exception {
		HoldingServer queries = new HoldingServer(CLIENTS * IDS);
		try (PeerServer server = PeerServer.start(queries::serve);
				TestGateway gateway = TestGateway.start("gateway.listeners.d.port=0",
						"gateway.listeners.d.protocol=dns", "gateway.listeners.d.route.mode=relay",
						"gateway.listeners.d.route.upstream=resolver", "gateway.listeners.d.route.sharing=correlated",
						"gateway.upstreams.resolver.endpoints=127.0.0.1:" + server.port(),
						"gateway.upstreams.resolver.protocol=dns", "gateway.upstreams.resolver.links.max=" + LINKS,
						"gateway.upstreams.resolver.links.max-pending=" + CLIENTS * IDS)) {
			// none is answered before all are there
			Map<Message, CompletableFuture<Message>> answers = new LinkedHashMap<>();
			for (int client = 0; client < CLIENTS; client++) {
				SimpleResolver resolver = resolver(gateway, client);
				for (int id = 1; id <= IDS; id++) {
					Message query = query(id, "host-" + id + ".client-" + client + ".example.");
					answers.put(query, resolver.sendAsync(query).toCompletableFuture());
				}
			}
			for (Map.Entry<Message, CompletableFuture<Message>> each : answers.entrySet()) {
				Message query = each.getKey();
				Message answer = each.getValue().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
				assertThat(answer.getHeader().getID()).isEqualTo(query.getHeader().getID());
				assertThat(answer.getQuestion()).isEqualTo(query.getQuestion());
				assertThat(answer.getSection(Section.ANSWER)).singleElement()
					.isInstanceOfSatisfying(TXTRecord.class, (text) -> assertThat(text.getStrings())
						.containsExactly(query.getQuestion().getName().toString()));
			}
			await().untilAsserted(() -> assertThat(gateway.registry().stream()).hasSize(CLIENTS)
				.extracting(ConnectionInfo::framesIn, ConnectionInfo::framesOut)
				.containsOnly(tuple((long) IDS, (long) IDS)));
			assertThat(server.accepted()).isEqualTo(LINKS);
		}
	}

	/**
	 * The library keeps one connection for each pair of addresses: another address for
	 * each client.
	 */
	private static SimpleResolver resolver(TestGateway gateway, int client) throws IOException {
		SimpleResolver resolver = new SimpleResolver(
				new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port("d")));
		resolver.setLocalAddress(new InetSocketAddress("127.0.1." + (client + 1), 0));
		resolver.setTCP(true);
		resolver.setTimeout(PATIENCE);
		return resolver;
	}

	private static Message query(int id, String name) throws TextParseException {
		Message query = new Message(id);
		query.getHeader().setFlag(Flags.RD);
		query.addRecord(Record.newRecord(Name.fromString(name), Type.TXT, DClass.IN), Section.QUESTION);
		return query;
	}

	/**
	 * Answers nothing until all queries are there, and then the last one first.
	 */
	private static final class HoldingServer {

		private final int expected;

		// guarded by this
		private final List<Held> held = new ArrayList<>();

		HoldingServer(int expected) {
			this.expected = expected;
		}

		void serve(Socket socket) throws IOException {
			DataInputStream input = new DataInputStream(socket.getInputStream());
			while (true) {
				byte[] message = new byte[input.readUnsignedShort()];
				input.readFully(message);
				hold(new Held(socket, new Message(message)));
			}
		}

		private synchronized void hold(Held query) throws IOException {
			this.held.add(query);
			if (this.held.size() == this.expected) {
				for (int i = this.held.size() - 1; i >= 0; i--) {
					this.held.get(i).answer();
				}
			}
		}

		private record Held(Socket socket, Message query) {

			/** A text that repeats the name that was asked for. */
			void answer() throws IOException {
				Record question = this.query.getQuestion();
				Message answer = new Message(this.query.getHeader().getID());
				Header header = answer.getHeader();
				header.setFlag(Flags.QR);
				header.setFlag(Flags.RD);
				answer.addRecord(question, Section.QUESTION);
				answer.addRecord(new TXTRecord(question.getName(), DClass.IN, 60, question.getName().toString()),
						Section.ANSWER);
				byte[] bytes = answer.toWire();
				this.socket.getOutputStream()
					.write(ByteBuffer.allocate(Short.BYTES + bytes.length)
						.putShort((short) bytes.length)
						.put(bytes)
						.array());
			}

		}

	}

}
