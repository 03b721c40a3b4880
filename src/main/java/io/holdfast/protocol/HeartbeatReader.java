package io.holdfast.protocol;

import java.util.ArrayList;
import java.util.List;

import io.holdfast.framing.Framing;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Turns the settings of a heartbeat into the heartbeat, and refuses what cannot work,
 * naming the key below {@code key}.
 */
final class HeartbeatReader {

	private final String key;

	private final HeartbeatSettings settings;

	HeartbeatReader(String key, HeartbeatSettings settings) {
		this.key = key;
		this.settings = settings;
	}

	/**
	 * Reads the heartbeat.
	 * @param framing of the frames that it is sent in
	 * @return a heartbeat that two gateways can have with each other; null if nothing is
	 * left of the one that was extended
	 */
	@Nullable Heartbeat read(Framing framing) {
		BytesSettings probe = this.settings.probe();
		PatternSettings reply = this.settings.reply();
		List<AnswerSettings> given = (this.settings.answer() != null) ? this.settings.answer() : List.of();
		if (probe == null && reply != null) {
			throw invalid("reply", reply.given(), "stands without probe; give the probe that it answers");
		}
		if (probe != null && reply == null) {
			throw invalid("reply.hex", null, "is missing; give what the answer to the probe begins with");
		}
		boolean ignoresEmpty = Boolean.TRUE.equals(this.settings.ignoreEmpty());
		if (probe == null && given.isEmpty() && !ignoresEmpty) {
			return null;
		}
		if (probe != null) {
			probe.requireFits(this.key + ".probe", framing);
		}
		List<Answer> answers = answers(given, framing);
		BytePattern expected = (reply != null) ? reply.pattern() : null;
		checkEndless(answers, expected, given);
		return new Heartbeat((probe != null) ? probe.bytes() : null, expected, answers, ignoresEmpty);
	}

	private List<Answer> answers(List<AnswerSettings> given, Framing framing) {
		List<Answer> answers = new ArrayList<>();
		for (int i = 0; i < given.size(); i++) {
			AnswerSettings one = given.get(i);
			one.reply().requireFits(this.key + ".answer[" + i + "].reply", framing);
			byte[] reply = one.reply().bytes();
			List<Answer.Copy> copies = one.copy().stream().map(CopySettings::copy).toList();
			for (int j = 0; j < copies.size(); j++) {
				checkCopy("answer[" + i + "].copy[" + j + "]", copies.get(j), reply.length, framing.maxFrame());
			}
			answers.add(new Answer(one.match().pattern(), reply, copies));
		}
		return answers;
	}

	private void checkCopy(String name, Answer.Copy copy, int replyLength, int maxFrame) {
		if (copy.to() > replyLength - copy.size()) {
			throw invalid(name + ".to", copy.to(),
					"with size %d is beyond the reply of %d bytes; %s".formatted(copy.size(), replyLength,
							(replyLength < copy.size()) ? "give a longer reply, or copy less"
									: "must be at most " + (replyLength - copy.size())));
		}
		if (copy.from() > maxFrame - copy.size()) {
			throw invalid(name + ".from", copy.from(),
					"with size %d is beyond the largest frame of %d bytes".formatted(copy.size(), maxFrame));
		}
	}

	/** Two gateways would answer each other's answers for ever. */
	private void checkEndless(List<Answer> answers, @Nullable BytePattern expected, List<AnswerSettings> given) {
		for (int i = 0; i < answers.size(); i++) {
			Answer answer = answers.get(i);
			if (answers.stream().anyMatch(answer::provokes) && !answer.begins(expected)) {
				throw invalid("answer[" + i + "].reply", given.get(i).reply().given(),
						"would be answered in turn by a gateway at the other end, for ever; if probe and reply are the same in this protocol, give both beside answer");
			}
		}
	}

	private InvalidConfigurationPropertyValueException invalid(String name, @Nullable Object value, String reason) {
		return new InvalidConfigurationPropertyValueException(this.key + "." + name, value, reason);
	}

}
