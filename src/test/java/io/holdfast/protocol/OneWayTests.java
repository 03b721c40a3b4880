package io.holdfast.protocol;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Which frames of a protocol have no reply.
 */
class OneWayTests {

	@Test
	void protocolThatDoesNotSayItKnowsNothing() throws IOException {
		assertThat(oneWay("a: { extends: line }")).isNull();
	}

	@Test
	void emptyListSaysThatEveryFrameHasAReply() throws IOException {
		OneWay every = given("a: { extends: line, one-way: [] }");
		assertThat(every.isNever()).isTrue();
		assertThat(every.matches(bytes("anything"))).isFalse();
	}

	@Test
	void frameThatBeginsLikeAnyOfTheListHasNoReply() throws IOException {
		OneWay oneWay = given("a: { extends: line, one-way: [ { text: LOG }, { hex: \"01??02\" } ] }");
		assertThat(oneWay.isNever()).isFalse();
		assertThat(oneWay.matches(bytes("LOG it"))).isTrue();
		assertThat(oneWay.matches(new byte[] { 1, 77, 2, 3 })).isTrue();
		assertThat(oneWay.matches(new byte[] { 1, 77, 3 })).isFalse();
		assertThat(oneWay.matches(bytes("LO"))).isFalse();
	}

	@Test
	void childHasItsParentsListUnlessItGivesOne() throws IOException {
		String parent = "p: { extends: line, one-way: [ { text: LOG } ] }\n";
		OneWay inherited = given(parent + "a: { extends: p }");
		assertThat(inherited.matches(bytes("LOG"))).isTrue();
		OneWay own = given(parent + "a: { extends: p, one-way: [ { text: TELL } ] }");
		assertThat(own.matches(bytes("LOG"))).isFalse();
		OneWay none = given(parent + "a: { extends: p, one-way: [] }");
		assertThat(none.isNever()).isTrue();
	}

	@Test
	void patternThatFitsEveryFrameIsRefused() {
		assertThatThrownBy(() -> oneWay("a: { extends: line, one-way: [ { hex: \"????\" } ] }"))
			.hasRootCauseInstanceOf(InvalidConfigurationPropertyValueException.class)
			.rootCause()
			.hasMessageContaining("hex with value '????'");
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	private static OneWay given(String yaml) throws IOException {
		return Objects.requireNonNull(oneWay(yaml));
	}

	/** Of the protocol named a. */
	private static @Nullable OneWay oneWay(String yaml) throws IOException {
		ByteArrayResource file = new ByteArrayResource(
				("protocols:\n" + yaml.indent(2)).getBytes(StandardCharsets.UTF_8));
		Map<String, ProtocolSettings> settings = new Binder(
				ConfigurationPropertySources.from(new YamlPropertySourceLoader().load("test", file)))
			.bind("protocols", Bindable.mapOf(String.class, ProtocolSettings.class))
			.get();
		return new Protocols(settings).get("a", "key").oneWay();
	}

}
