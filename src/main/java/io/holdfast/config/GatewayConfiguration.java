package io.holdfast.config;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.holdfast.actuate.ConnectionsEndpoint;
import io.holdfast.actuate.DrainEndpoint;
import io.holdfast.actuate.GatewayMetrics;
import io.holdfast.actuate.HeartbeatMetrics;
import io.holdfast.actuate.ListenerHealth;
import io.holdfast.actuate.ListenersEndpoint;
import io.holdfast.actuate.LoopHealth;
import io.holdfast.actuate.ManagementGuard;
import io.holdfast.actuate.RelayMetrics;
import io.holdfast.actuate.TransportMetrics;
import io.holdfast.actuate.UpstreamHealth;
import io.holdfast.actuate.UpstreamMetrics;
import io.holdfast.actuate.UpstreamsEndpoint;
import io.holdfast.connection.ConnectionObserver;
import io.holdfast.connection.ConnectionRegistry;
import io.holdfast.drain.Departures;
import io.holdfast.drain.ListenerDrains;
import io.holdfast.drain.ProcessDrain;
import io.holdfast.listener.Listener;
import io.holdfast.liveness.Liveness;
import io.holdfast.liveness.TimerWheels;
import io.holdfast.protocol.Protocols;
import io.holdfast.route.Relay;
import io.holdfast.transport.DescriptorReserve;
import io.holdfast.transport.EventLoops;
import io.holdfast.transport.LoopEndObserver;
import io.holdfast.transport.LoopWatchdog;
import io.holdfast.transport.MemoryBudget;
import io.holdfast.transport.Transport;
import io.holdfast.transport.WorkerPool;
import io.holdfast.upstream.NameLookup;
import io.holdfast.upstream.Upstream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.ContextRefreshedEvent;

/**
 * Puts the gateway together. Everything that exists once is made here, in the order in
 * which it builds on each other.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(GatewaySettings.class)
@Import({ ListenerRegistrar.class, UpstreamRegistrar.class })
public class GatewayConfiguration {

	private static final Logger logger = LoggerFactory.getLogger(GatewayConfiguration.class);

	@Bean
	static ConfigurationPropertiesBindHandlerAdvisor settingsFailures() {
		return SettingsBindHandler::new;
	}

	@Bean
	static ErrorLogReplacement errorLogReplacement() {
		return new ErrorLogReplacement();
	}

	@Bean
	@ConditionalOnMissingBean
	Clock clock() {
		return Clock.systemUTC();
	}

	@Bean
	Protocols protocols(GatewaySettings settings) {
		Protocols protocols = new Protocols(settings.protocols());
		new References(settings, protocols).check();
		new OwnListeners(settings).check();
		if (Demo.isIn(settings)) {
			logger.info("demo - no listener is configured, so 'echo' (9000, line) and 'frames' (9001, length32) send"
					+ " back what they get, and 'relay' (9002, length32) passes on to 'frames'; configure"
					+ " gateway.listeners to replace them");
		}
		return protocols;
	}

	@Bean
	EventLoops eventLoops(Clock clock, GatewaySettings settings, ObjectProvider<LoopEndObserver> ends) {
		int threads = Objects.requireNonNullElseGet(settings.eventLoops(), Runtime.getRuntime()::availableProcessors);
		Transport chosen = settings.transport();
		Transport transport = (chosen != null) ? chosen : Transport.best();
		logger.info("event loops - {} on {}{}", threads, transport, (chosen != null) ? "" : slowerThan(transport));
		MemoryBudget memory = new MemoryBudget(settings.limits().memoryBytes());
		EventLoops loops = new EventLoops(transport, threads, clock, System::nanoTime, memory);
		ends.ifAvailable(loops::observeEnds);
		return loops;
	}

	@Bean(initMethod = "start")
	LoopWatchdog loopWatchdog(EventLoops loops) {
		return new LoopWatchdog(loops);
	}

	@Bean
	LoopHealth eventLoopsHealthIndicator(LoopWatchdog watchdog) {
		return new LoopHealth(watchdog);
	}

	/** Why the fastest transport is not in use, for whoever wonders. */
	private static String slowerThan(Transport used) {
		return Stream.of(Transport.values())
			.takeWhile((faster) -> faster != used)
			.flatMap((faster) -> faster.unavailability().map((reason) -> "; no " + faster + ": " + reason).stream())
			.collect(Collectors.joining());
	}

	@Bean
	DescriptorReserve descriptorReserve(EventLoops loops, GatewaySettings settings) {
		long links = settings.upstreams().values().stream().mapToLong((upstream) -> upstream.links().max()).sum();
		return DescriptorReserve.of(loops, (int) Math.min(Integer.MAX_VALUE / 2, links));
	}

	@Bean
	TimerWheels timerWheels(EventLoops loops) {
		return new TimerWheels(loops);
	}

	@Bean
	NameLookup nameLookup(EventLoops loops) {
		return new NameLookup(loops::nanoTime);
	}

	@Bean
	WorkerPool workerPool(GatewaySettings settings) {
		return new WorkerPool(settings.workers());
	}

	@Bean
	ConnectionRegistry connectionRegistry(Clock clock, GatewaySettings settings) {
		return new ConnectionRegistry(clock, settings.listeners().keySet());
	}

	/**
	 * Introduces all observers to the registry, before the listeners start. Not through
	 * the registry's constructor: an observer may need the registry itself.
	 */
	@Bean
	SmartInitializingSingleton connectionObservers(ConnectionRegistry registry,
			ObjectProvider<ConnectionObserver> observers) {
		return () -> observers.orderedStream().forEach(registry::observe);
	}

	/**
	 * Opens the first links when the listeners are bound.
	 */
	@Bean
	ApplicationListener<ContextRefreshedEvent> upstreamsWarmUp(ObjectProvider<Upstream> upstreams) {
		return (started) -> upstreams.forEach(Upstream::warmUp);
	}

	@Bean
	Departures departures(ConnectionRegistry registry, GatewaySettings settings, EventLoops loops) {
		return new Departures(registry, settings.drain(), loops::nanoTime);
	}

	@Bean
	ListenerDrains listenerDrains(Departures departures) {
		return new ListenerDrains(departures);
	}

	@Bean
	ProcessDrain processDrain(GatewaySettings settings, ObjectProvider<Listener> listeners, Departures departures,
			ListenerDrains listenerDrains, ApplicationContext application) {
		return new ProcessDrain(settings.drain(), listeners.orderedStream().toList(), departures, listenerDrains,
				application);
	}

	@Bean
	ManagementGuard managementGuard(GatewaySettings settings) {
		return new ManagementGuard(settings.management());
	}

	@Bean
	GatewayMetrics gatewayMetrics(ConnectionRegistry registry, ObjectProvider<Listener> listeners, EventLoops loops) {
		return new GatewayMetrics(registry, listeners.orderedStream().toList(), loops::nanoTime);
	}

	@Bean
	UpstreamMetrics upstreamMetrics(ObjectProvider<Upstream> upstreams, EventLoops loops) {
		return new UpstreamMetrics(upstreams.orderedStream().toList(), loops::nanoTime);
	}

	@Bean
	RelayMetrics relayMetrics(ObjectProvider<Relay> relays) {
		return new RelayMetrics(relays.orderedStream().toList());
	}

	@Bean
	HeartbeatMetrics heartbeatMetrics(ObjectProvider<Liveness> livenesses) {
		return new HeartbeatMetrics(livenesses.orderedStream().toList());
	}

	@Bean
	TransportMetrics transportMetrics(WorkerPool workers, EventLoops loops) {
		return new TransportMetrics(workers, loops);
	}

	@Bean
	ConnectionsEndpoint connectionsEndpoint(ConnectionRegistry registry, Departures departures,
			GatewaySettings settings, Clock clock) {
		return new ConnectionsEndpoint(registry, departures, settings.listeners().keySet(), clock);
	}

	@Bean
	ListenersEndpoint listenersEndpoint(ObjectProvider<Listener> listeners, GatewaySettings settings,
			ConnectionRegistry registry, ListenerDrains drains) {
		Map<String, String> protocols = new HashMap<>();
		settings.listeners().forEach((name, listener) -> protocols.put(name, listener.protocol()));
		return new ListenersEndpoint(listeners.orderedStream().toList(), protocols, registry, drains);
	}

	@Bean
	DrainEndpoint drainEndpoint(ProcessDrain drain) {
		return new DrainEndpoint(drain);
	}

	@Bean
	UpstreamsEndpoint upstreamsEndpoint(ObjectProvider<Upstream> upstreams) {
		return new UpstreamsEndpoint(upstreams.orderedStream().toList());
	}

	@Bean
	CompositeHealthContributor listenersHealthContributor(ConnectionRegistry registry,
			ObjectProvider<Listener> listeners) {
		return ListenerHealth.ofAll(listeners.orderedStream().toList(), registry);
	}

	@Bean
	CompositeHealthContributor upstreamsHealthContributor(ObjectProvider<Upstream> upstreams) {
		return UpstreamHealth.ofAll(upstreams.orderedStream().toList());
	}

}
