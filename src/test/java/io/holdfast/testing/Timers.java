package io.holdfast.testing;

import java.lang.management.ManagementFactory;

import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Tasks that event loops and other threads of this process are to run later. They hold
 * what they are about until then, unless they are cancelled.
 */
public final class Timers {

	private Timers() {
	}

	/**
	 * Counts the objects that can be reached. Collects garbage first.
	 */
	public static long count() throws JMException {
		String histogram = (String) ManagementFactory.getPlatformMBeanServer()
			.invoke(new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram",
					new Object[] { new String[0] }, new String[] { String[].class.getName() });
		return histogram.lines()
			.map(String::strip)
			.filter((line) -> line.contains("ScheduledFutureTask"))
			.mapToLong((line) -> Long.parseLong(line.split("\\s+", 3)[1]))
			.sum();
	}

}
