package io.holdfast.install;

import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether the chart's README lists every value, as the schema describes it and with the
 * default that it has.
 */
class ChartReadmeTests {

	private static final ObjectMapper MAPPER = new ObjectMapper();

	@Test
	void listsEveryValueWithTypeDefaultAndMeaning() throws IOException {
		JsonNode schema = MAPPER.readTree(Files.readString(Chart.FOLDER.resolve("values.schema.json")));
		JsonNode values = MAPPER.valueToTree(new Yaml().load(Files.readString(Chart.FOLDER.resolve("values.yaml"))));
		Map<String, String> expected = new LinkedHashMap<>();
		add(expected, "", schema, values);
		assertThat(rows()).containsExactlyInAnyOrderEntriesOf(expected);
	}

	@Test
	void everyDefaultIsDescribed() throws IOException {
		JsonNode schema = MAPPER.readTree(Files.readString(Chart.FOLDER.resolve("values.schema.json")));
		JsonNode values = MAPPER.valueToTree(new Yaml().load(Files.readString(Chart.FOLDER.resolve("values.yaml"))));
		values.fieldNames()
			.forEachRemaining((name) -> assertThat(schema.path("properties").has(name)).as(name).isTrue());
	}

	private static void add(Map<String, String> rows, String prefix, JsonNode schema, JsonNode values) {
		schema.path("properties").properties().forEach((property) -> {
			String name = prefix + property.getKey();
			JsonNode described = property.getValue();
			JsonNode value = values.path(property.getKey());
			JsonNode entry = described.path("additionalProperties");
			if (described.has("properties")) {
				add(rows, name + ".", described, value);
				return;
			}
			rows.put(name, "%s | %s | %s".formatted(type(described), value.isMissingNode() ? "" : "`" + value + "`",
					described.path("description").asText()));
			if (entry.has("properties")) {
				add(rows, name + ".<name>.", entry, MAPPER.missingNode());
			}
		});
	}

	private static String type(JsonNode described) {
		JsonNode type = described.path("type");
		String types = type.isArray() ? StreamSupport.stream(type.spliterator(), false)
			.map(JsonNode::asText)
			.collect(Collectors.joining(" or ")) : type.asText();
		return types.replace("object", "map").replace("array", "list");
	}

	/**
	 * The rows of all tables with four columns, by their first.
	 */
	private static Map<String, String> rows() throws IOException {
		Map<String, String> rows = new LinkedHashMap<>();
		for (String line : Files.readAllLines(Chart.FOLDER.resolve("README.md"))) {
			String[] columns = line.split(" \\| ?", -1);
			if (line.startsWith("| `") && columns.length == 5) {
				rows.put(columns[0].substring(3, columns[0].length() - 1),
						String.join(" | ", columns[1], columns[2], columns[3]));
			}
		}
		return rows;
	}

}
