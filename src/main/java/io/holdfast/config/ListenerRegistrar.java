package io.holdfast.config;

import java.net.InetSocketAddress;
import java.util.Locale;

import io.holdfast.connection.ConnectionRegistry;
import io.holdfast.listener.Listener;
import io.holdfast.liveness.ClientEndings;
import io.holdfast.liveness.Liveness;
import io.holdfast.liveness.TimerWheels;
import io.holdfast.protocol.BytesSettings;
import io.holdfast.protocol.Protocol;
import io.holdfast.protocol.Protocols;
import io.holdfast.route.ChannelRoute;
import io.holdfast.route.Relay;
import io.holdfast.route.RouteSettings;
import io.holdfast.route.Sharing;
import io.holdfast.transport.EventLoops;
import io.holdfast.transport.NettyServerConnectionFactory;
import io.holdfast.transport.WorkerPool;
import io.holdfast.upstream.Upstream;

import org.springframework.beans.factory.BeanRegistrar;
import org.springframework.beans.factory.BeanRegistry;
import org.springframework.beans.factory.BeanRegistry.SupplierContext;
import org.springframework.core.env.Environment;
import org.springframework.integration.channel.DirectChannel;
import org.springframework.integration.ip.tcp.inbound.TcpReceivingChannelAdapter;
import org.springframework.integration.ip.tcp.outbound.TcpSendingMessageHandler;
import org.springframework.messaging.MessageHandler;

/**
 * Makes each listener of the settings a set of beans: {@code <name>.server},
 * {@code <name>.frames} and {@code <name>.replies}, which users may build on, the stock
 * adapters between them, and the {@link Listener} that starts them.
 */
class ListenerRegistrar implements BeanRegistrar {

	@Override
	public void register(BeanRegistry registry, Environment environment) {
		GatewaySettings.from(environment).listeners().forEach((name, settings) -> register(registry, name, settings));
	}

	private void register(BeanRegistry registry, String name, ListenerSettings settings) {
		String server = name + ".server";
		String sender = name + ".sender";
		String receiver = name + ".receiver";
		String frames = name + ".frames";
		registry.registerBean(name + ".liveness", Liveness.class,
				(spec) -> spec.supplier((beans) -> liveness(beans, name, settings)));
		registry.registerBean(server, NettyServerConnectionFactory.class,
				(spec) -> spec.supplier((beans) -> server(beans, name, settings)));
		registry.registerBean(sender, TcpSendingMessageHandler.class,
				(spec) -> spec.supplier((beans) -> sender(beans.bean(server, NettyServerConnectionFactory.class))));
		registry.registerBean(name + ".replies", DirectChannel.class,
				(spec) -> spec.supplier((beans) -> channelTo(beans.bean(sender, TcpSendingMessageHandler.class))));
		switch (settings.route().mode()) {
			case ECHO -> registry.registerBean(frames, DirectChannel.class,
					(spec) -> spec.supplier((beans) -> channelTo(beans.bean(sender, TcpSendingMessageHandler.class))));
			case RELAY -> {
				registry.registerBean(name + ".route", Relay.class,
						(spec) -> spec.supplier((beans) -> relay(beans, name, settings)));
				registry.registerBean(frames, DirectChannel.class,
						(spec) -> spec.supplier((beans) -> channelTo(beans.bean(name + ".route", Relay.class))));
			}
			case CHANNEL -> {
				registry.registerBean(frames, DirectChannel.class,
						(spec) -> spec.supplier((beans) -> new DirectChannel()));
				registry.registerBean(name + ".route", ChannelRoute.class, (spec) -> spec
					.supplier((beans) -> new ChannelRoute(name, beans.bean(frames, DirectChannel.class))));
			}
		}
		registry.registerBean(receiver, TcpReceivingChannelAdapter.class,
				(spec) -> spec.supplier((beans) -> receiver(beans.bean(server, NettyServerConnectionFactory.class),
						beans.bean(frames, DirectChannel.class))));
		registry.registerBean(name + ".listener", Listener.class,
				(spec) -> spec.supplier((beans) -> new Listener(name, description(settings),
						new InetSocketAddress(settings.address(), settings.port()),
						beans.bean(server, NettyServerConnectionFactory.class),
						beans.bean(receiver, TcpReceivingChannelAdapter.class))));
	}

	private static String description(ListenerSettings settings) {
		RouteSettings route = settings.route();
		Sharing sharing = route.sharing();
		String where = (sharing != null) ? " to '" + route.upstream() + "', " + sharing.text() : "";
		return "protocol %s, route %s%s".formatted(settings.protocol(), route.mode().name().toLowerCase(Locale.ROOT),
				where);
	}

	/** Subscribed from the beginning, so that no frame can come before its taker. */
	private static DirectChannel channelTo(MessageHandler handler) {
		DirectChannel channel = new DirectChannel();
		channel.subscribe(handler);
		return channel;
	}

	private NettyServerConnectionFactory server(SupplierContext beans, String name, ListenerSettings settings) {
		NettyServerConnectionFactory server = new NettyServerConnectionFactory(settings.port(),
				beans.bean(EventLoops.class));
		server.setLocalAddress(settings.address());
		Protocol protocol = protocol(beans, name, settings);
		server.setFraming(protocol.framing());
		server.setDelivery(settings.route().mode().delivery());
		server.setOutputLimits(settings.limits().output());
		server.setMaxPendingInput((int) settings.limits().maxPendingInput().toBytes());
		server.setRefuseOwnLinks(settings.route().mode() == RouteSettings.Mode.RELAY);
		server.setTaskExecutor(beans.bean(WorkerPool.class));
		server.setTcp(settings.tcp());
		server.setSoTcpNoDelay(true);
		server.setSoKeepAlive(true);
		BytesSettings goodbye = protocol.goodbye();
		server.setGoodbye((goodbye != null) ? goodbye.bytes() : null);
		server.registerSender(new ClientEndings(beans.bean(name + ".liveness", Liveness.class),
				beans.bean(ConnectionRegistry.class)));
		return server;
	}

	private Liveness liveness(SupplierContext beans, String name, ListenerSettings settings) {
		return new Liveness(Liveness.Side.LISTENER, name, settings.liveness(), protocol(beans, name, settings),
				settings.takeover(), beans.bean(TimerWheels.class));
	}

	private static Protocol protocol(SupplierContext beans, String name, ListenerSettings settings) {
		return beans.bean(Protocols.class)
			.get(settings.protocol(), GatewaySettings.PREFIX + ".listeners." + name + ".protocol");
	}

	private Relay relay(SupplierContext beans, String name, ListenerSettings settings) {
		// first of all: it refuses a name that leads nowhere, in words
		Protocols protocols = beans.bean(Protocols.class);
		String upstreamName = String.valueOf(settings.route().upstream());
		Upstream upstream = beans.bean(upstreamName + ".upstream", Upstream.class);
		Protocol protocol = protocols.get(upstream.settings().protocol(),
				"%s.upstreams.%s.protocol".formatted(GatewaySettings.PREFIX, upstreamName));
		Relay relay = new Relay(name, settings.route(), upstream, protocol, beans.bean(ConnectionRegistry.class),
				beans.bean(EventLoops.class));
		beans.bean(name + ".server", NettyServerConnectionFactory.class).registerSender(relay);
		return relay;
	}

	private TcpReceivingChannelAdapter receiver(NettyServerConnectionFactory server, DirectChannel frames) {
		TcpReceivingChannelAdapter receiver = new TcpReceivingChannelAdapter();
		receiver.setConnectionFactory(server);
		receiver.setOutputChannel(frames);
		receiver.setAutoStartup(false);
		return receiver;
	}

	private TcpSendingMessageHandler sender(NettyServerConnectionFactory server) {
		TcpSendingMessageHandler sender = new TcpSendingMessageHandler();
		sender.setConnectionFactory(server);
		return sender;
	}

}
