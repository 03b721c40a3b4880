package io.holdfast.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.integration.channel.DirectChannel;
import org.springframework.integration.ip.IpHeaders;
import org.springframework.integration.ip.tcp.outbound.TcpSendingMessageHandler;
import org.springframework.integration.ip.tcp.serializer.TcpCodecs;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.GenericMessage;

import static io.holdfast.transport.DropInRig.eventually;
import static io.holdfast.transport.DropInRig.finished;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the channel adapters do on either kind of factory.
 */
@ParameterizedClass
@EnumSource(Kind.class)
class DropInAdaptersTests {

	@RegisterExtension
	private final DropInRig rig;

	DropInAdaptersTests(Kind kind) {
		this.rig = new DropInRig(kind);
	}

	@Test
	void frameFromAPeerBecomesAMessage() {
		var server = this.rig.server();
		Inbox inbox = this.rig.inbox(server);
		this.rig.connect(this.rig.listen(server)).write("hello\r\n");
		assertThat(inbox.nextText()).isEqualTo("hello");
	}

	@Test
	void messageFromAnAdapterBecomesAFrame() {
		RawPeer.Port port = this.rig.port();
		TcpSendingMessageHandler sender = this.rig.sender(this.rig.client(port.number()));
		this.rig.start();
		sender.handleMessage(new GenericMessage<>("hello"));
		assertThat(this.rig.accept(port).read(7)).isEqualTo("hello\r\n");
	}

	@Test
	void collaboratingAdaptersTalkBothWaysOverOneConnection() {
		var server = this.rig.server();
		this.rig.echo(server);
		var client = this.rig.client(this.rig.listen(server));
		TcpSendingMessageHandler sender = this.rig.sender(client);
		Inbox replies = this.rig.inbox(client);
		this.rig.start();
		sender.handleMessage(new GenericMessage<>("one"));
		sender.handleMessage(new GenericMessage<>("two"));
		assertThat(List.of(replies.nextText(), replies.nextText())).containsExactly("one", "two");
		assertThat(server.getOpenConnectionIds()).hasSize(1);
		assertThat(client.getOpenConnectionIds()).hasSize(1);
	}

	@Test
	void serverSendsToTheConnectionThatTheHeaderNames() {
		var server = this.rig.server();
		Inbox inbox = this.rig.inbox(server);
		TcpSendingMessageHandler sender = this.rig.sender(server);
		int port = this.rig.listen(server);
		RawPeer first = this.rig.connect(port).write("first\r\n");
		String firstId = inbox.nextConnectionId();
		RawPeer second = this.rig.connect(port).write("second\r\n");
		String secondId = inbox.nextConnectionId();
		sender.handleMessage(message("to the second", secondId));
		sender.handleMessage(message("to the first", firstId));
		assertThat(first.readLine()).isEqualTo("to the first");
		assertThat(second.readLine()).isEqualTo("to the second");
	}

	@Test
	void severalOutboundAdaptersShareOneServer() {
		var server = this.rig.server();
		this.rig.echo(server);
		TcpSendingMessageHandler other = this.rig.sender(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("request\r\n");
		assertThat(peer.readLine()).isEqualTo("request");
		other.handleMessage(message("unsolicited", server.getOpenConnectionIds().get(0)));
		assertThat(peer.readLine()).isEqualTo("unsolicited");
	}

	@Test
	void pipelinedMessagesKeepTheirOrderOnEveryConnection() {
		var server = this.rig.server();
		this.rig.echo(server);
		int port = this.rig.listen(server);
		int count = 10_000;
		List<RawPeer> peers = IntStream.range(0, 3).mapToObj((i) -> this.rig.connect(port)).toList();
		String frames = numberedFrames(count);
		List<CompletableFuture<Void>> writers = peers.stream()
			.map((peer) -> this.rig.async(() -> peer.write(frames)))
			.toList();
		List<CompletableFuture<String>> replies = peers.stream()
			.map((peer) -> CompletableFuture.supplyAsync(() -> peer.read(frames.length())))
			.toList();
		assertThat(replies).allSatisfy((read) -> assertThat(read.join().equals(frames)).isTrue());
		finished(writers);
	}

	@Test
	void pipelinedMessagesKeepTheirOrderWhenTheFlowIsSlow() {
		var server = this.rig.server();
		Inbox inbox = new Inbox();
		DirectChannel slow = new DirectChannel();
		slow.subscribe((message) -> {
			LockSupport.parkNanos(10_000);
			inbox.send(message);
		});
		this.rig.receiver(server).setOutputChannel(slow);
		int count = 10_000;
		this.rig.connect(this.rig.listen(server)).write(numberedFrames(count));
		List<String> received = IntStream.range(0, count).mapToObj((i) -> inbox.nextText()).toList();
		assertThat(received).isEqualTo(IntStream.range(0, count).mapToObj("%05d"::formatted).toList());
	}

	@Test
	void framesOfSendersInParallelDoNotMix() {
		RawPeer.Port port = this.rig.port();
		TcpSendingMessageHandler sender = this.rig.sender(this.rig.client(port.number()));
		this.rig.start();
		int count = 300;
		List<CompletableFuture<Void>> senders = List.of("a", "b", "c", "d")
			.stream()
			.map((letter) -> this.rig.async(() -> sendLines(sender, letter, count)))
			.toList();
		RawPeer peer = this.rig.accept(port);
		List<String> lines = IntStream.range(0, 4 * count).mapToObj((i) -> peer.readLine()).toList();
		assertThat(lines).allMatch((line) -> line.matches("a+|b+|c+|d+"));
		finished(senders);
		for (String letter : List.of("a", "b", "c", "d")) {
			assertThat(lines.stream().filter((line) -> line.startsWith(letter)).map(String::length))
				.containsExactlyElementsOf(IntStream.rangeClosed(1, count).boxed().toList());
		}
	}

	@Test
	void readerThatIsLateGetsEverythingInOrder() {
		var server = this.rig.server();
		server.setSerializer(TcpCodecs.lengthHeader4(100_000));
		Inbox inbox = this.rig.inbox(server);
		TcpSendingMessageHandler sender = this.rig.sender(server);
		RawPeer peer = this.rig.connect(this.rig.listen(server)).write("here\r\n");
		String id = inbox.nextConnectionId();
		int count = 200;
		CompletableFuture<Void> sending = this.rig.async(() -> IntStream.range(0, count)
			.forEach((i) -> sender.handleMessage(new GenericMessage<>(new byte[50_000 + i], header(id)))));
		for (int i = 0; i < count; i++) {
			assertThat(peer.readBytes(4)).isEqualTo(ByteBuffer.allocate(4).putInt(50_000 + i).array());
			assertThat(peer.readBytes(50_000 + i)).hasSize(50_000 + i);
		}
		finished(List.of(sending));
	}

	@Test
	void sendersOfMuchInParallelWaitForTheReader() {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		client.setSerializer(TcpCodecs.lengthHeader4(20_000));
		TcpSendingMessageHandler sender = this.rig.sender(client);
		this.rig.start();
		List<CompletableFuture<Void>> senders = IntStream.range(0, 8)
			.mapToObj((i) -> this.rig.async(() -> IntStream.range(0, 100)
				.forEach((j) -> sender.handleMessage(new GenericMessage<>(new byte[20_000])))))
			.toList();
		assertThat(this.rig.accept(port).readBytes(800 * 20_004).length).isEqualTo(800 * 20_004);
		finished(senders);
		assertThat(this.rig.events(client).ofConnections()).containsExactly("Open");
	}

	@Test
	void flowThatFailsLeavesTheConnectionOpen() {
		var server = this.rig.server();
		Inbox inbox = new Inbox();
		DirectChannel picky = new DirectChannel();
		picky.subscribe((message) -> {
			if (new String((byte[]) message.getPayload(), StandardCharsets.UTF_8).equals("bad")) {
				throw new IllegalStateException("bad message");
			}
			inbox.send(message);
		});
		this.rig.receiver(server).setOutputChannel(picky);
		this.rig.connect(this.rig.listen(server)).write("bad\r\ngood\r\n");
		assertThat(inbox.nextText()).isEqualTo("good");
		assertThat(this.rig.events(server).ofConnections()).containsExactly("Open");
	}

	@Test
	void sharedClientConnectsOnceForAllThreads() {
		var server = this.rig.server();
		Inbox inbox = this.rig.inbox(server);
		TcpSendingMessageHandler sender = this.rig.sender(this.rig.client(this.rig.listen(server)));
		this.rig.start();
		List<CompletableFuture<Void>> senders = IntStream.range(0, 16)
			.mapToObj((i) -> this.rig.async(() -> sender.handleMessage(new GenericMessage<>("hello"))))
			.toList();
		assertThat(IntStream.range(0, 16).mapToObj((i) -> inbox.nextText())).hasSize(16).containsOnly("hello");
		finished(senders);
		assertThat(this.rig.events(server).ofConnections()).containsExactly("Open");
	}

	@Test
	void clientConnectsAgainForTheMessageAfterAClose() {
		RawPeer.Port port = this.rig.port();
		var client = this.rig.client(port.number());
		TcpSendingMessageHandler sender = this.rig.sender(client);
		this.rig.start();
		sender.handleMessage(new GenericMessage<>("one"));
		RawPeer first = this.rig.accept(port);
		assertThat(first.readLine()).isEqualTo("one");
		first.close();
		eventually(() -> assertThat(client.getOpenConnectionIds()).isEmpty());
		sender.handleMessage(new GenericMessage<>("two"));
		assertThat(this.rig.accept(port).readLine()).isEqualTo("two");
	}

	@Test
	void listenerRunsInTheGivenExecutor() {
		var server = this.rig.server();
		server.setTaskExecutor((task) -> {
			Thread thread = new Thread(task, "given");
			thread.start();
		});
		Inbox inbox = new Inbox();
		DirectChannel channel = new DirectChannel();
		channel.subscribe((message) -> inbox.send(new GenericMessage<>(Thread.currentThread().getName())));
		this.rig.receiver(server).setOutputChannel(channel);
		this.rig.connect(this.rig.listen(server)).write("hello\r\n");
		assertThat(inbox.next().getPayload()).isEqualTo("given");
	}

	@Test
	void messagesOfPeersThatLeaveAtOnceArrive() {
		var server = this.rig.server();
		int count = 200;
		server.setBacklog(count);
		Inbox inbox = this.rig.inbox(server);
		int port = this.rig.listen(server);
		for (int i = 0; i < count; i++) {
			this.rig.connect(port).write("%05d\r\n".formatted(i)).close();
		}
		assertThat(IntStream.range(0, count).mapToObj((i) -> inbox.nextText()))
			.containsExactlyInAnyOrderElementsOf(IntStream.range(0, count).mapToObj("%05d"::formatted).toList());
		eventually(() -> assertThat(server.getOpenConnectionIds()).isEmpty());
	}

	@Test
	void senderOfMuchGoesOnReading() {
		var server = this.rig.server();
		server.setSerializer(TcpCodecs.lengthHeader4(100_000));
		server.setDeserializer(TcpCodecs.lengthHeader4(100_000));
		this.rig.echo(server);
		var client = this.rig.client(this.rig.listen(server));
		client.setSerializer(TcpCodecs.lengthHeader4(100_000));
		client.setDeserializer(TcpCodecs.lengthHeader4(100_000));
		TcpSendingMessageHandler sender = this.rig.sender(client);
		Inbox replies = this.rig.inbox(client);
		this.rig.start();
		int count = 400;
		CompletableFuture<Void> sending = this.rig.async(() -> IntStream.range(0, count)
			.forEach((i) -> sender.handleMessage(new GenericMessage<>(new byte[50_000 + i]))));
		assertThat(IntStream.range(0, count).mapToObj((i) -> replies.nextBytes().length))
			.containsExactlyElementsOf(IntStream.range(50_000, 50_000 + count).boxed().toList());
		finished(List.of(sending));
	}

	private static void sendLines(TcpSendingMessageHandler sender, String letter, int count) {
		IntStream.rangeClosed(1, count).forEach((i) -> sender.handleMessage(new GenericMessage<>(letter.repeat(i))));
	}

	private static String numberedFrames(int count) {
		StringBuilder frames = new StringBuilder();
		IntStream.range(0, count).forEach((i) -> frames.append("%05d\r\n".formatted(i)));
		return frames.toString();
	}

	private static Message<String> message(String payload, String connectionId) {
		return new GenericMessage<>(payload, header(connectionId));
	}

	private static Map<String, Object> header(String connectionId) {
		return Map.of(IpHeaders.CONNECTION_ID, connectionId);
	}

}
