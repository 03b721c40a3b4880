package io.holdfast.transport;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.integration.ip.tcp.connection.TcpConnectionEvent;

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

	List<String> ofConnection(String connectionId) {
		return of(TcpConnectionEvent.class).stream()
			.filter((event) -> connectionId.equals(event.getConnectionId()))
			.map(RecordedEvents::word)
			.toList();
	}

	private static String word(TcpConnectionEvent event) {
		return event.getClass().getSimpleName().replace("TcpConnection", "").replace("Event", "");
	}

}
