package io.holdfast.upstream;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.expression.spel.support.StandardEvaluationContext;
import org.springframework.integration.context.IntegrationContextUtils;
import org.springframework.integration.context.IntegrationObjectSupport;
import org.springframework.integration.ip.tcp.inbound.TcpReceivingChannelAdapter;
import org.springframework.integration.ip.tcp.outbound.TcpOutboundGateway;
import org.springframework.integration.ip.tcp.outbound.TcpSendingMessageHandler;
import org.springframework.messaging.MessageChannel;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/**
 * Spring Integration's own endpoints on the connections of one upstream, as an
 * application context would hold them, and threads that call them.
 */
final class TestFlows {

	private final TestUpstream upstreams;

	private final UpstreamConnectionFactory connections;

	private final DefaultListableBeanFactory beans = new DefaultListableBeanFactory();

	private final ExecutorService callers = Executors.newCachedThreadPool();

	TestFlows(TestUpstream upstreams, Upstream upstream) {
		this.upstreams = upstreams;
		ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
		scheduler.initialize();
		upstreams.closing(scheduler::shutdown);
		upstreams.closing(this.callers::shutdownNow);
		this.beans.registerSingleton(IntegrationContextUtils.TASK_SCHEDULER_BEAN_NAME, scheduler);
		this.beans.registerSingleton(IntegrationContextUtils.INTEGRATION_EVALUATION_CONTEXT_BEAN_NAME,
				new StandardEvaluationContext());
		this.connections = new UpstreamConnectionFactory(upstream, upstreams.loops());
		this.connections.setApplicationEventPublisher((event) -> {
		});
		initialize(this.connections);
		this.connections.start();
	}

	UpstreamConnectionFactory connections() {
		return this.connections;
	}

	/** A gateway that waits very long for replies, to be started by the test. */
	TcpOutboundGateway gateway() {
		TcpOutboundGateway gateway = new TcpOutboundGateway();
		gateway.setConnectionFactory(this.connections);
		gateway.setRemoteTimeout(60_000);
		gateway.setSecondChanceDelay(0);
		initialize(gateway);
		gateway.start();
		this.upstreams.closing(gateway::stop);
		return gateway;
	}

	TcpSendingMessageHandler sender() {
		TcpSendingMessageHandler sender = new TcpSendingMessageHandler();
		sender.setConnectionFactory(this.connections);
		initialize(sender);
		sender.start();
		this.upstreams.closing(sender::stop);
		return sender;
	}

	TcpReceivingChannelAdapter receiver(MessageChannel received) {
		TcpReceivingChannelAdapter receiver = new TcpReceivingChannelAdapter();
		receiver.setConnectionFactory(this.connections);
		receiver.setOutputChannel(received);
		initialize(receiver);
		receiver.start();
		this.upstreams.closing(receiver::stop);
		return receiver;
	}

	private void initialize(IntegrationObjectSupport component) {
		component.setBeanFactory(this.beans);
		component.afterPropertiesSet();
	}

	/** Makes a call that waits. */
	CompletableFuture<Void> async(Runnable call) {
		return CompletableFuture.runAsync(call, this.callers);
	}

}
