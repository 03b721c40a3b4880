package io.holdfast.config;

import io.holdfast.liveness.Liveness;
import io.holdfast.liveness.LivenessSettings;
import io.holdfast.liveness.TimerWheels;
import io.holdfast.protocol.Protocol;
import io.holdfast.protocol.Protocols;
import io.holdfast.transport.Delivery;
import io.holdfast.transport.EventLoops;
import io.holdfast.transport.NettyClientConnectionFactory;
import io.holdfast.transport.WorkerPool;
import io.holdfast.upstream.EndpointAddress;
import io.holdfast.upstream.NameLookup;
import io.holdfast.upstream.Upstream;
import io.holdfast.upstream.UpstreamConnectionFactory;
import io.holdfast.upstream.UpstreamSettings;

import org.springframework.beans.factory.BeanRegistrar;
import org.springframework.beans.factory.BeanRegistry;
import org.springframework.beans.factory.BeanRegistry.SupplierContext;
import org.springframework.core.env.Environment;

/**
 * Makes each upstream of the settings a set of beans: {@code <name>.links}, which users
 * may build on, the {@link Upstream} itself, and the factory that opens its links.
 */
class UpstreamRegistrar implements BeanRegistrar {

	@Override
	public void register(BeanRegistry registry, Environment environment) {
		GatewaySettings.from(environment).upstreams().forEach((name, settings) -> register(registry, name, settings));
	}

	private void register(BeanRegistry registry, String name, UpstreamSettings settings) {
		String client = name + ".client";
		String upstream = name + ".upstream";
		registry.registerBean(client, NettyClientConnectionFactory.class,
				(spec) -> spec.supplier((beans) -> client(beans, name, settings)));
		registry.registerBean(name + ".link-liveness", Liveness.class,
				(spec) -> spec.supplier((beans) -> liveness(beans, name, settings)));
		registry.registerBean(upstream, Upstream.class,
				(spec) -> spec.supplier((beans) -> new Upstream(name, settings,
						beans.bean(client, NettyClientConnectionFactory.class), beans.bean(EventLoops.class),
						beans.bean(NameLookup.class), beans.bean(name + ".link-liveness", Liveness.class))));
		registry.registerBean(name + ".links", UpstreamConnectionFactory.class,
				(spec) -> spec.supplier((beans) -> new UpstreamConnectionFactory(beans.bean(upstream, Upstream.class),
						beans.bean(EventLoops.class))));
	}

	private NettyClientConnectionFactory client(SupplierContext beans, String name, UpstreamSettings settings) {
		EndpointAddress first = settings.addresses().get(0);
		NettyClientConnectionFactory client = new NettyClientConnectionFactory(first.host(), first.port(),
				beans.bean(EventLoops.class));
		client.setFraming(protocol(beans, name, settings).framing());
		client.setTcp(settings.tcp());
		client.setDelivery(Delivery.EVENT_LOOP);
		client.setOutputLimits(settings.links().output());
		client.setTaskExecutor(beans.bean(WorkerPool.class));
		client.setSoTcpNoDelay(true);
		client.setSoKeepAlive(true);
		return client;
	}

	private Liveness liveness(SupplierContext beans, String name, UpstreamSettings settings) {
		return new Liveness(Liveness.Side.UPSTREAM, name, LivenessSettings.of(settings.liveness()),
				protocol(beans, name, settings), null, beans.bean(TimerWheels.class));
	}

	private static Protocol protocol(SupplierContext beans, String name, UpstreamSettings settings) {
		return beans.bean(Protocols.class)
			.get(settings.protocol(), "%s.upstreams.%s.protocol".formatted(GatewaySettings.PREFIX, name));
	}

}
