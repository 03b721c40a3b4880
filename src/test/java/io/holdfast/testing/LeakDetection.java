package io.holdfast.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Fails a test class during which Netty's leak detector found a buffer that nobody
 * released. Registered for all tests; Surefire sets the level to paranoid.
 */
public final class LeakDetection implements BeforeAllCallback, AfterAllCallback {

	private static final List<String> LEAKS = new CopyOnWriteArrayList<>();

	static {
		ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new ListeningFactory());
	}

	@Override
	public void beforeAll(ExtensionContext context) {
		assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
	}

	@Override
	public void afterAll(ExtensionContext context) {
		// the detector tells of what the collector has found when the next buffer is made
		System.gc();
		PooledByteBufAllocator.DEFAULT.directBuffer().release();
		List<String> found = List.copyOf(LEAKS);
		LEAKS.clear();
		assertThat(found).as("buffers that were never released").isEmpty();
	}

	private static final class ListeningFactory extends ResourceLeakDetectorFactory {

		@Override
		@SuppressWarnings("deprecation")
		public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int interval, long maxActive) {
			ResourceLeakDetector<T> detector = new ResourceLeakDetector<>(resource, interval);
			detector.setLeakListener((type, records) -> LEAKS.add(type + " " + records));
			return detector;
		}

	}

}
