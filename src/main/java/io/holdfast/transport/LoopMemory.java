package io.holdfast.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * The part of a {@link MemoryBudget} that one event loop's connections hold, and what is
 * done about them when the budget gets short. Belongs to the loop but for what is marked
 * otherwise.
 */
final class LoopMemory {

	private static final VarHandle HELD;

	static {
		try {
			HELD = MethodHandles.lookup().findVarHandle(LoopMemory.class, "held", long.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private static final Comparator<HeldMemory> LARGEST_FIRST = Comparator.comparingInt(HeldMemory::weight).reversed();

	/** How often it is looked again while the budget is short. */
	private static final long LOOK_MILLIS = 100;

	private static final long TRIM_MILLIS = 1000;

	/**
	 * One in so many is read again at each look. A connection that is not read does not
	 * show that its peer has left.
	 */
	private static final int TURNS = 8;

	private static final int FEW = 16;

	private final MemoryBudget budget;

	private final EventLoop loop;

	private final long step;

	/** Written by the loop alone, read by all. */
	@SuppressWarnings("UnusedVariable") // read through its handle
	private long held;

	private @Nullable HeldMemory[] holders = new HeldMemory[FEW];

	private volatile int size;

	private long sinceCheck;

	/** Whoever holds more is not read; only while the budget is short. */
	private int mostAllowed = Integer.MAX_VALUE;

	private boolean looking;

	private int turn;

	LoopMemory(MemoryBudget budget, EventLoop loop) {
		this.budget = budget;
		this.loop = loop;
		this.step = budget.step();
	}

	/** Any thread: bytes that the loop's connections hold. */
	long held() {
		return (long) HELD.getOpaque(this);
	}

	/** Any thread: how many connections the loop has. */
	int connections() {
		return this.size;
	}

	MemoryBudget budget() {
		return this.budget;
	}

	void join(HeldMemory holder) {
		int place = this.size;
		if (place == this.holders.length) {
			this.holders = Arrays.copyOf(this.holders, 2 * place);
		}
		this.holders[place] = holder;
		holder.place(place);
		this.size = place + 1;
	}

	/** Removes a holder; the last one takes its place. */
	void part(HeldMemory holder) {
		int last = this.size - 1;
		HeldMemory moved = this.holders[last];
		this.holders[last] = null;
		this.size = last;
		if (moved != null && moved != holder) {
			this.holders[holder.place()] = moved;
			moved.place(holder.place());
		}
		if (last > FEW && last < this.holders.length / 4) {
			this.holders = Arrays.copyOf(this.holders, this.holders.length / 2);
		}
		add(-holder.bytes());
	}

	/** A connection holds so many bytes more, or less. */
	void add(HeldMemory holder, int bytes) {
		add(bytes);
		if (bytes > 0) {
			grown(bytes);
			if (holder.bytes() > this.mostAllowed) {
				holder.pause();
			}
		}
		else {
			this.sinceCheck = Math.max(0, this.sinceCheck + bytes);
		}
	}

	/**
	 * Looks at the sum if the loop's connections have grown by a step since the last
	 * look.
	 */
	void grown(int bytes) {
		this.sinceCheck += bytes;
		if (this.sinceCheck >= this.step) {
			this.sinceCheck = 0;
			this.budget.check();
		}
	}

	private void add(int bytes) {
		HELD.setOpaque(this, held() + bytes);
	}

	/**
	 * Whether a connection may hold so many bytes more. The last part of the budget is
	 * left to links and to clients that hold no more than a fair share: one burst of
	 * large holders may use up the rest before the loop comes to close them.
	 */
	boolean admits(HeldMemory holder, int bytes) {
		if (bytes < this.step && this.budget.level() == MemoryBudget.Level.NORMAL) {
			return true;
		}
		boolean large = holder.isClient() && holder.bytes() + bytes > this.budget.fairShare();
		return large ? this.budget.fitsMost(bytes) && DirectMemory.hasRoom() : this.budget.fits(bytes);
	}

	/**
	 * Any thread: has the loop do what the budget's level asks for, now and again until
	 * that is normal.
	 */
	void relieve() {
		try {
			this.loop.execute(this::begin);
		}
		catch (RejectedExecutionException ex) {
			// the loop has ended, and its connections with it
		}
	}

	private void begin() {
		try {
			act();
		}
		finally {
			if (!this.looking && this.budget.level() != MemoryBudget.Level.NORMAL) {
				lookLater();
			}
		}
	}

	private void lookLater() {
		this.loop.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
		this.looking = true;
	}

	private void look() {
		this.looking = false;
		try {
			this.budget.check();
			act();
		}
		finally {
			// memory is short: an error must not be the end of the looks
			if (this.budget.level() != MemoryBudget.Level.NORMAL) {
				lookLater();
			}
		}
	}

	private void act() {
		DirectMemory.trim();
		switch (this.budget.level()) {
			case NORMAL -> resumeAll();
			case TIGHT -> {
				pauseLargest(largestFirst());
				readSome();
			}
			case CRITICAL -> closeLargest();
		}
	}

	private void resumeAll() {
		// a trim keeps what was in use since the one before it
		this.loop.schedule(DirectMemory::trim, TRIM_MILLIS, TimeUnit.MILLISECONDS);
		this.mostAllowed = Integer.MAX_VALUE;
		for (HeldMemory holder : clients()) {
			holder.resume();
		}
	}

	/**
	 * Stops reading from those that together hold half of what the loop's clients hold,
	 * but from nobody who holds no more than a fair share.
	 */
	private void pauseLargest(List<HeldMemory> largest) {
		long half = weight(largest) / 2;
		long sum = 0;
		for (HeldMemory holder : largest) {
			sum += holder.weight();
			if (sum > half) {
				this.mostAllowed = (int) Math.max(holder.weight() - 1, this.budget.fairShare());
				break;
			}
		}
		largest.stream().filter((holder) -> holder.weight() > this.mostAllowed).forEach(HeldMemory::pause);
	}

	/** Reads from some that were paused, until they hold more than before. */
	private void readSome() {
		this.turn = (this.turn + 1) % TURNS;
		List<HeldMemory> clients = clients();
		for (int i = this.turn; i < clients.size(); i += TURNS) {
			clients.get(i).resume();
		}
	}

	private static long weight(List<HeldMemory> holders) {
		return holders.stream().mapToLong(HeldMemory::weight).sum();
	}

	/**
	 * Closes those that hold most, until enough would be left if all loops did. Nobody is
	 * closed who holds no more than a fair share: if all did so, enough would be left,
	 * and a loop that is behind must not cost the clients of another one.
	 */
	private void closeLargest() {
		List<HeldMemory> largest = largestFirst();
		pauseLargest(largest);
		long share = this.budget.fairShare();
		double excess = weight(largest) * (1 - (double) this.budget.enough() / Math.max(1, this.budget.used()));
		int closed = 0;
		long freed = 0;
		for (HeldMemory holder : largest) {
			if (excess <= 0 || holder.weight() <= share) {
				break;
			}
			excess -= holder.weight();
			freed += holder.weight();
			holder.close();
			closed++;
		}
		if (closed > 0) {
			this.budget.closed(closed, freed);
		}
		this.budget.check();
	}

	private List<HeldMemory> largestFirst() {
		List<HeldMemory> clients = clients();
		clients.sort(LARGEST_FIRST);
		return clients;
	}

	/**
	 * Connections of clients, in a list of the caller's own. Links are left alone: what
	 * they hold is bounded by the settings of their upstream, and many wait for one.
	 */
	private List<HeldMemory> clients() {
		List<HeldMemory> clients = new ArrayList<>();
		for (int i = 0; i < this.size; i++) {
			HeldMemory holder = this.holders[i];
			if (holder != null && holder.isClient()) {
				clients.add(holder);
			}
		}
		return clients;
	}

}
