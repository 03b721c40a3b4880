package io.holdfast.install;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.holdfast.config.GatewaySettings;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.core.ResolvableType;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether the schema of the chart's values says all that there is, and nothing else.
 */
class ChartSchemaTests {

	private final JsonNode schema = schema();

	private static JsonNode schema() {
		try {
			return new ObjectMapper().readTree(Files.readString(Chart.FOLDER.resolve("values.schema.json")));
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void knowsEveryKeyOfTheApplicationAndNoOther() throws NoSuchMethodException {
		SoftAssertions found = new SoftAssertions();
		JsonNode values = this.schema.path("properties");
		for (Map.Entry<String, ResolvableType> setting : keys(GatewaySettings.class).entrySet()) {
			String value = camelCase(setting.getKey());
			found.assertThat(values.has(value))
				.as("values.schema.json, values.yaml, README.md and holdfast.application know %s", value)
				.isTrue();
			compare(found, value, setting.getValue(), values.path(value));
		}
		found.assertAll();
	}

	private void compare(SoftAssertions found, String place, ResolvableType type, JsonNode value)
			throws NoSuchMethodException {
		JsonNode node = value.has("$ref") ? this.schema.at(value.path("$ref").asText().substring(1)) : value;
		Class<?> settings = type.toClass();
		if (Map.class.isAssignableFrom(settings)) {
			compare(found, place + ".<name>", type.getGeneric(1), node.path("additionalProperties"));
		}
		else if (List.class.isAssignableFrom(settings)) {
			compare(found, place + "[]", type.getGeneric(0), node.path("items"));
		}
		else if (settings.isEnum()) {
			found.assertThat(texts(node.path("enum")))
				.as("choices of %s in values.schema.json", place)
				.isEqualTo(choices(settings));
		}
		// what may be one word as well has no keys of its own here
		else if (settings.isRecord() && node.path("type").asText().equals("object")) {
			Map<String, ResolvableType> keys = keys(settings);
			Set<String> described = new TreeSet<>(names(node.path("properties")));
			if (place.equals("management")) {
				// the chart's name of server.port
				described.remove("port");
			}
			found.assertThat(described).as("keys of %s in values.schema.json", place).isEqualTo(keys.keySet());
			for (Map.Entry<String, ResolvableType> key : keys.entrySet()) {
				compare(found, place + "." + key.getKey(), key.getValue(), node.path("properties").path(key.getKey()));
			}
		}
	}

	private static Map<String, ResolvableType> keys(Class<?> settings) throws NoSuchMethodException {
		Constructor<?> constructor = settings.getDeclaredConstructor(
				Arrays.stream(settings.getRecordComponents()).map(RecordComponent::getType).toArray(Class<?>[]::new));
		Map<String, ResolvableType> keys = new TreeMap<>();
		Parameter[] parameters = constructor.getParameters();
		for (int i = 0; i < parameters.length; i++) {
			Name name = parameters[i].getAnnotation(Name.class);
			keys.put((name != null) ? name.value() : DataObjectPropertyName.toDashedForm(parameters[i].getName()),
					ResolvableType.forConstructorParameter(constructor, i));
		}
		return keys;
	}

	private static Set<String> choices(Class<?> type) {
		return Arrays.stream(type.getEnumConstants())
			.map((constant) -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
			.collect(Collectors.toCollection(TreeSet::new));
	}

	private static String camelCase(String dashed) {
		StringBuilder camel = new StringBuilder();
		for (String word : StringUtils.delimitedListToStringArray(dashed, "-")) {
			camel.append(camel.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
		}
		return camel.toString();
	}

	@Test
	void describesEveryValueAndClosesEveryMapThatIsNotFree() {
		assertThat(this.schema.path("additionalProperties").asBoolean(true)).isFalse();
		check("", this.schema.path("properties"));
		this.schema.path("definitions")
			.properties()
			.forEach((definition) -> checkNode("#" + definition.getKey(), definition.getValue()));
	}

	private void check(String place, JsonNode properties) {
		properties.properties().forEach((property) -> checkNode(place + "." + property.getKey(), property.getValue()));
	}

	private void checkNode(String place, JsonNode node) {
		if (node.has("$ref")) {
			assertThat(this.schema.at(node.path("$ref").asText().substring(1)).isObject()).as(place).isTrue();
			return;
		}
		assertThat(node.path("description").asText()).as("description of %s", place).endsWith(".");
		if (node.has("properties")) {
			assertThat(node.path("additionalProperties").asBoolean(true)).as("additionalProperties of %s", place)
				.isFalse();
			check(place, node.path("properties"));
		}
		for (String inner : List.of("additionalProperties", "items")) {
			if (node.path(inner).has("properties")) {
				checkNode(place + "[]", node.path(inner));
			}
		}
	}

	private static Set<String> names(JsonNode object) {
		Set<String> names = new TreeSet<>();
		for (Iterator<String> all = object.fieldNames(); all.hasNext();) {
			names.add(all.next());
		}
		return names;
	}

	private static Set<String> texts(JsonNode array) {
		Set<String> texts = new TreeSet<>();
		for (JsonNode text : array) {
			// null is no choice, but the absence of one
			if (!text.isNull()) {
				texts.add(text.asText());
			}
		}
		return texts;
	}

}
