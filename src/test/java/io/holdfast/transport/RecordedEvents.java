package io.holdfast.transport;

import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.integration.ip.tcp.connection.TcpConnectionEvent;
import org.springframework.integration.ip.tcp.connection.TcpConnectionExceptionEvent;

/**
 * Keeps what one connection factory has published, in order.
 */
final class RecordedEvents implements ApplicationEventPublisher {

	private final List<Object> events = new CopyOnWriteArrayList<>();

	@Override
	public void publishEvent(Object event) {
		this.events.add(event);
	}

	<T> List<T> of(Class<T> type) {
		return this.events.stream().filter(type::isInstance).map(type::cast).toList();
	}

	/**
	 * The events about connections, each by the word that makes its name: {@code Open},
	 * {@code Exception}, {@code Close}.
	 */
	List<String> ofConnections() {
		return of(TcpConnectionEvent.class).stream().map(RecordedEvents::word).toList();
	}

	/**
	 * The events about connections, those of each connection by themselves.
	 */
	Collection<List<String>> wordsOfEach() {
		return of(TcpConnectionEvent.class).stream()
			.collect(Collectors.groupingBy(TcpConnectionEvent::getConnectionId,
					Collectors.mapping(RecordedEvents::word, Collectors.toList())))
			.values();
	}

	/**
	 * What the first exception event tells, freed from the wrapping that makes an input
	 * error unchecked.
	 */
	Throwable failure() {
		return unwrap(Objects.requireNonNull(of(TcpConnectionExceptionEvent.class).get(0).getCause()));
	}

	static Throwable unwrap(Throwable failure) {
		return (failure instanceof UncheckedIOException unchecked) ? Objects.requireNonNull(unchecked.getCause())
				: failure;
	}

	private static String word(TcpConnectionEvent event) {
		return event.getClass().getSimpleName().replace("TcpConnection", "").replace("Event", "");
	}

}
