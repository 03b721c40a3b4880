package io.holdfast.peers;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.digitalpetri.modbus.client.ModbusTcpClient;
import com.digitalpetri.modbus.pdu.ReadHoldingRegistersRequest;
import com.digitalpetri.modbus.pdu.ReadHoldingRegistersResponse;
import com.digitalpetri.modbus.pdu.WriteMultipleRegistersRequest;
import com.digitalpetri.modbus.server.ModbusTcpServer;
import com.digitalpetri.modbus.server.ProcessImage;
import com.digitalpetri.modbus.server.ReadWriteModbusServices;
import com.digitalpetri.modbus.tcp.Netty;
import com.digitalpetri.modbus.tcp.client.NettyTcpClientTransport;
import com.digitalpetri.modbus.tcp.server.NettyTcpServerTransport;
import io.holdfast.route.Outcome;
import io.holdfast.route.Relay;
import io.holdfast.testing.TestGateway;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Preset {@code modbus} between the masters and a slave of digitalpetri's library.
 */
class ModbusTests {

	private static final int UNIT = 1;

	private static final int MASTERS = 8;

	private static final int REGISTERS = 20;

	private static final int ROUNDS = 5;

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	/** The library's threads, which masters and slave share. */
	@AfterAll
	static void close() {
		Netty.releaseSharedResources();
	}

	@Test
	void mastersOnOneLinkReadWhatTheyHaveWrittenThoughAllCountTransactionsAlike() throws Exception {
		Connections connections = new Connections();
		ModbusTcpServer slave = slave(connections);
		List<ModbusTcpClient> masters = new ArrayList<>();
		try (TestGateway gateway = TestGateway.start("gateway.listeners.m.port=0",
				"gateway.listeners.m.protocol=modbus", "gateway.listeners.m.route.mode=relay",
				"gateway.listeners.m.route.upstream=plc", "gateway.listeners.m.route.sharing=correlated",
				"gateway.upstreams.plc.endpoints=127.0.0.1:" + connections.port(),
				"gateway.upstreams.plc.protocol=modbus", "gateway.upstreams.plc.links.min-idle=1",
				"gateway.upstreams.plc.links.max=1")) {
			for (int i = 0; i < MASTERS; i++) {
				masters.add(master(gateway));
			}
			for (int round = 0; round < ROUNDS; round++) {
				write(masters, round);
				read(masters, round);
			}
			assertThat(gateway.registry().count()).isEqualTo(MASTERS);
			assertThat(connections.accepted()).isEqualTo(1);
			assertThat(gateway.bean(Relay.class).count(Outcome.REPLIED)).isEqualTo(ROUNDS * MASTERS * (1L + REGISTERS));
		}
		finally {
			for (ModbusTcpClient master : masters) {
				master.disconnect();
			}
			slave.stop();
		}
	}

	/** All masters at once, each its own registers. */
	private static void write(List<ModbusTcpClient> masters, int round) throws Exception {
		List<CompletableFuture<?>> writes = new ArrayList<>();
		for (int master = 0; master < MASTERS; master++) {
			ByteBuffer values = ByteBuffer.allocate(Short.BYTES * REGISTERS);
			for (int register = 0; register < REGISTERS; register++) {
				values.putShort(value(master, register, round));
			}
			writes.add(masters.get(master)
				.writeMultipleRegistersAsync(UNIT,
						new WriteMultipleRegistersRequest(master * REGISTERS, REGISTERS, values.array()))
				.toCompletableFuture());
		}
		for (CompletableFuture<?> write : writes) {
			write.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		}
	}

	/** All masters at once, each one register after the other without waiting. */
	private static void read(List<ModbusTcpClient> masters, int round) throws Exception {
		List<CompletableFuture<ReadHoldingRegistersResponse>> reads = new ArrayList<>();
		for (int register = 0; register < REGISTERS; register++) {
			for (int master = 0; master < MASTERS; master++) {
				reads.add(masters.get(master)
					.readHoldingRegistersAsync(UNIT, new ReadHoldingRegistersRequest(master * REGISTERS + register, 1))
					.toCompletableFuture());
			}
		}
		for (int i = 0; i < reads.size(); i++) {
			byte[] registers = reads.get(i).get(PATIENCE.toSeconds(), TimeUnit.SECONDS).registers();
			assertThat(ByteBuffer.wrap(registers).getShort()).isEqualTo(value(i % MASTERS, i / MASTERS, round));
		}
	}

	private static short value(int master, int register, int round) {
		return (short) ((round * MASTERS + master) * REGISTERS + register);
	}

	private static ModbusTcpClient master(TestGateway gateway) throws Exception {
		ModbusTcpClient master = ModbusTcpClient.create(NettyTcpClientTransport.create((transport) -> {
			transport.setHostname("127.0.0.1");
			transport.setPort(gateway.port("m"));
		}));
		master.connect();
		return master;
	}

	private static ModbusTcpServer slave(Connections connections) throws Exception {
		ProcessImage registers = new ProcessImage();
		ModbusTcpServer slave = ModbusTcpServer.create(NettyTcpServerTransport.create((transport) -> {
			transport.setBindAddress("127.0.0.1");
			transport.setPort(0);
			transport.setBootstrapCustomizer((bootstrap) -> bootstrap.handler(connections));
		}), new ReadWriteModbusServices() {

			@Override
			protected Optional<ProcessImage> getProcessImage(int unit) {
				return Optional.of(registers);
			}

		});
		slave.start();
		return slave;
	}

	/** What the library does not tell: where the slave listens, and who connects. */
	private static final class Connections extends ChannelInboundHandlerAdapter {

		private volatile @Nullable Channel listener;

		private final AtomicInteger accepted = new AtomicInteger();

		int port() {
			return ((InetSocketAddress) Objects.requireNonNull(this.listener).localAddress()).getPort();
		}

		int accepted() {
			return this.accepted.get();
		}

		@Override
		public void handlerAdded(ChannelHandlerContext context) {
			this.listener = context.channel();
		}

		@Override
		public void channelRead(ChannelHandlerContext context, Object connection) {
			this.accepted.incrementAndGet();
			context.fireChannelRead(connection);
		}

	}

}
