package io.holdfast.upstream;

import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Why an attempt to connect has failed, in the operating system's words: without the
 * address, the system call and the classes that wrap it.
 *
 * @param words what to tell the operator
 * @param own whether it is a limit of this gateway or its machine, and no fault of the
 * server
 */
record ConnectCause(String words, boolean own) {

	private static final Pattern ADDRESS = Pattern.compile(": [^ ]*/[^ ]+:[0-9]+$");

	private static final int MOST_CAUSES = 10;

	static ConnectCause of(Throwable failure) {
		Throwable root = failure;
		for (int i = 0; i < MOST_CAUSES && root.getCause() != null; i++) {
			root = root.getCause();
		}
		String words = words(root);
		// no descriptor, and no local port
		boolean own = words.startsWith("too many open files") || words.startsWith("cannot assign requested address");
		return new ConnectCause(words, own);
	}

	private static String words(Throwable root) {
		String text = root.getMessage();
		if (text == null) {
			return (root instanceof ClosedChannelException) ? "closed while it was opened"
					: "failed without a reason (" + root.getClass().getSimpleName() + ")";
		}
		text = ADDRESS.matcher(text).replaceFirst("");
		return text.substring(text.lastIndexOf(": ") + 1).strip().toLowerCase(Locale.ROOT);
	}

}
