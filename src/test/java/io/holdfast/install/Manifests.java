package io.holdfast.install;

import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The objects that the chart makes.
 *
 * @param objects in the order of rendering
 */
record Manifests(List<JsonNode> objects) {

	private static final ObjectMapper MAPPER = new ObjectMapper();

	static Manifests parse(String documents) {
		List<JsonNode> objects = new ArrayList<>();
		for (Object document : yaml().loadAll(documents)) {
			if (document != null) {
				objects.add(MAPPER.valueToTree(document));
			}
		}
		return new Manifests(objects);
	}

	// a key that is given twice is a mistake of the chart, and Kubernetes would take
	// either
	private static Yaml yaml() {
		LoaderOptions options = new LoaderOptions();
		options.setAllowDuplicateKeys(false);
		return new Yaml(new SafeConstructor(options));
	}

	/**
	 * The names of all objects, as {@code Kind/name}.
	 */
	List<String> names() {
		return this.objects.stream().map(Manifests::name).toList();
	}

	static String name(JsonNode object) {
		return object.path("kind").asText() + "/" + object.at("/metadata/name").asText();
	}

	/**
	 * The one object of a kind and name.
	 * @param name as {@code Kind/name}
	 */
	JsonNode object(String name) {
		return this.objects.stream()
			.filter((object) -> name(object).equals(name))
			.findFirst()
			.orElseThrow(() -> new AssertionError("no " + name + " in " + names()));
	}

	/**
	 * The one object of a kind.
	 */
	JsonNode only(String kind) {
		List<String> named = names().stream().filter((name) -> name.startsWith(kind + "/")).toList();
		if (named.size() != 1) {
			throw new AssertionError("not one " + kind + " in " + names());
		}
		return object(named.get(0));
	}

	/**
	 * The specification of the pods.
	 */
	JsonNode pod() {
		return only("Deployment").at("/spec/template/spec");
	}

	/**
	 * The gateway's own container.
	 */
	JsonNode container() {
		return pod().at("/containers/0");
	}

	/**
	 * The text of the application's settings.
	 */
	String applicationText() {
		return only("ConfigMap").at("/data/application.yml").asText();
	}

	/**
	 * The application's settings.
	 */
	JsonNode application() {
		return MAPPER.valueToTree(yaml().load(applicationText()));
	}

}
