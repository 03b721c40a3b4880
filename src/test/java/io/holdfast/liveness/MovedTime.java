package io.holdfast.liveness;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import io.holdfast.transport.EventLoops;
import io.holdfast.transport.Transport;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/**
 * Event loops on which silence lasts as long as the test says. The timers look at that
 * time ten times a second. Not annotated, or the application would find it in every test.
 */
public class MovedTime {

	@Bean
	Time time() {
		return new Time();
	}

	@Bean
	@Primary
	EventLoops movedEventLoops(Time time, Clock clock) {
		return new EventLoops(Transport.best(), 2, clock, time::nanos);
	}

	/**
	 * The time of the loops.
	 */
	public static final class Time {

		private final AtomicLong nanos = new AtomicLong();

		long nanos() {
			return this.nanos.get();
		}

		public void pass(Duration span) {
			this.nanos.addAndGet(span.toNanos());
		}

	}

}
