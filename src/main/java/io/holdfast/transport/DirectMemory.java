package io.holdfast.transport;

import java.lang.management.ManagementFactory;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.NettyRuntime;
import io.netty.util.internal.PlatformDependent;

/**
 * The direct memory of the process, and the buffers of all connections in it.
 * <p>
 * When it is exhausted, the JDK sleeps for half a second before it fails, on the event
 * loop that asked. So Netty is given a limit of its own a little below, at which it fails
 * at once; and the {@link MemoryBudget} keeps connections well below that.
 */
final class DirectMemory {

	/** Read by Netty when its buffers are first used. */
	private static final String LIMIT = "io.netty.maxDirectMemory";

	/** Part of the JVM's limit that is left to what is not Netty. */
	private static final int REST = 8;

	private static final int PAGE_BYTES = 8192;

	/** Chunks of 4 MB, as Netty has them: smaller ones come and go under load. */
	private static final int CHUNK_ORDER = 9;

	/**
	 * Chunks of 1 MB: where there are tens of megabytes, larger ones leave too much
	 * unused.
	 */
	private static final int SMALL_CHUNK_ORDER = 7;

	/** With less direct memory than this, chunks are small. */
	private static final long PLENTY_BYTES = 1L << 30;

	/** Bytes of one buffer of each size that a loop may keep for itself. */
	private static final long CACHED_SIZES_BYTES = 180 * 1024;

	/**
	 * Part of the limit that all loops may keep for themselves, and another to read into.
	 */
	private static final int EIGHTH = 8;

	private static final int FEWEST_SHARED_BUFFERS = 4;

	/** 2 MB may come between two rounds of a loop. What is more is asked for again. */
	private static final int MOST_SHARED_BUFFERS = 32;

	/**
	 * The buffers of all connections, apart from those of anybody else who uses Netty. In
	 * one arena: a chunk stays where it was needed as long as one small buffer is in it,
	 * so with an arena for each loop, a wave of peers on one loop and the next on another
	 * would take twice what they ever hold at a time.
	 */
	static final PooledByteBufAllocator BUFFERS = buffers();

	private DirectMemory() {
	}

	private static PooledByteBufAllocator buffers() {
		int cached = cachedBuffers(limit(), loops());
		return new PooledByteBufAllocator(/* preferDirect= */ true, /* nHeapArena= */ 1,
				/* nDirectArena= */ 1, PAGE_BYTES, chunkOrder(limit()), cached,
				/* normalCacheSize= */ Math.max(1, cached / 4),
				/* useCacheForAllThreads= */ false);
	}

	private static int chunkOrder(long limit) {
		return (limit < PLENTY_BYTES) ? SMALL_CHUNK_ORDER : CHUNK_ORDER;
	}

	private static int loops() {
		return NettyRuntime.availableProcessors();
	}

	/** How many free buffers of each size a loop may keep for itself. */
	static int cachedBuffers(long limit, int loops) {
		long cached = limit / EIGHTH / loops / CACHED_SIZES_BYTES;
		return (int) Math.max(1, Math.min(PooledByteBufAllocator.defaultSmallCacheSize(), cached));
	}

	/** How many buffers one loop may have that all its connections read into. */
	static short sharedBuffers() {
		return sharedBuffers(limit(), loops());
	}

	static short sharedBuffers(long limit, int loops) {
		long affordable = limit / EIGHTH / loops / Transport.SHARED_BUFFER_BYTES;
		return (short) Math.max(FEWEST_SHARED_BUFFERS,
				Integer.highestOneBit((int) Math.min(MOST_SHARED_BUFFERS, affordable)));
	}

	/**
	 * Sets the limit, unless one is set already.
	 */
	static void prepare() {
		long ofJvm = ofJvm();
		if (ofJvm > 0) {
			System.getProperties().putIfAbsent(LIMIT, String.valueOf(ofJvm - ofJvm / REST));
		}
	}

	/** The JVM's limit, zero if it does not tell. */
	private static long ofJvm() {
		HotSpotDiagnosticMXBean options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
		if (options == null) {
			return 0;
		}
		long set = Long.parseLong(options.getVMOption("MaxDirectMemorySize").getValue());
		return (set > 0) ? set : Runtime.getRuntime().maxMemory();
	}

	/** The most that all buffers may take, in bytes. */
	static long limit() {
		prepare();
		return PlatformDependent.maxDirectMemory();
	}

	/**
	 * Loop: gives back buffers that the loop has kept and not used since the last call.
	 * Each may be the last one in its chunk.
	 */
	static void trim() {
		BUFFERS.trimCurrentThreadCache();
	}

	/**
	 * Whether no more than seven eighths of the limit are taken, be it for gaps: beyond,
	 * the JDK may sleep where a buffer is needed.
	 */
	static boolean hasRoom() {
		return BUFFERS.metric().usedDirectMemory() <= limit() - limit() / EIGHTH;
	}

	/**
	 * The most that connections can be given to hold, in bytes.
	 */
	static long mostForConnections() {
		return mostForConnections(limit(), loops());
	}

	/**
	 * Direct memory that is left when loops keep buffers for themselves and read into
	 * others, less two fifths: under attack, the gaps between buffers of many sizes take
	 * up to 0.6 times what the buffers hold.
	 */
	static long mostForConnections(long limit, int loops) {
		long kept = cachedBuffers(limit, loops) * CACHED_SIZES_BYTES * loops;
		long readInto = (long) sharedBuffers(limit, loops) * Transport.SHARED_BUFFER_BYTES * loops;
		return Math.max(1, (limit - kept - readInto) / 5 * 3);
	}

	/**
	 * Bytes that connections may hold unless settings say otherwise: three eighths of
	 * direct memory, or what there is.
	 */
	static long share() {
		return share(limit(), loops());
	}

	static long share(long limit, int loops) {
		return Math.min(limit / EIGHTH * 3, mostForConnections(limit, loops));
	}

}
