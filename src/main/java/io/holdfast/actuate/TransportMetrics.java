package io.holdfast.actuate;

import io.holdfast.transport.EventLoops;
import io.holdfast.transport.WorkerPool;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Measures what all connections share: the workers and the buffers.
 */
public final class TransportMetrics implements MeterBinder {

	private final WorkerPool workers;

	private final EventLoops loops;

	public TransportMetrics(WorkerPool workers, EventLoops loops) {
		this.workers = workers;
		this.loops = loops;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		Gauge.builder("gateway.workers.active", this.workers, WorkerPool::active)
			.description("Workers that are busy")
			.register(registry);
		Gauge.builder("gateway.workers.queued", this.workers, WorkerPool::queued)
			.description("Connections that wait for a worker")
			.register(registry);
		FunctionCounter.builder("gateway.workers.rejected", this.workers, WorkerPool::rejected)
			.description("Times that a connection found the workers' queue full")
			.register(registry);
		Gauge.builder("gateway.buffers.used", this.loops, EventLoops::usedBufferBytes)
			.description("Memory that the pooled allocator has handed out")
			.baseUnit("bytes")
			.register(registry);
		Gauge.builder("gateway.memory.used", this.loops, (all) -> all.memory().used())
			.description("Memory that connections hold: halves of frames, frames that wait, unsent output")
			.baseUnit("bytes")
			.register(registry);
		Gauge.builder("gateway.memory.max", this.loops, (all) -> all.memory().limit())
			.description("Most memory that connections may hold")
			.baseUnit("bytes")
			.register(registry);
	}

}
