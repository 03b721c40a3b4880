package io.holdfast.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.Parameter;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.springframework.boot.context.properties.bind.BindConstructorProvider;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.core.ResolvableType;
import org.springframework.util.Assert;

/**
 * The keys that a settings record understands, read from the constructor that is bound.
 */
final class KnownKeys {

	private static final int MAX_TYPOS = 2;

	private final Map<String, ResolvableType> keys = new TreeMap<>();

	private KnownKeys(Class<?> settings) {
		Constructor<?> constructor = BindConstructorProvider.DEFAULT.getBindConstructor(settings, true);
		Assert.state(constructor != null, () -> settings + " is not bound by a constructor");
		Parameter[] parameters = constructor.getParameters();
		for (int i = 0; i < parameters.length; i++) {
			this.keys.put(nameOf(parameters[i]), ResolvableType.forConstructorParameter(constructor, i));
		}
	}

	static KnownKeys of(Class<?> settings) {
		return new KnownKeys(settings);
	}

	/**
	 * Says why a key that could not be bound is wrong.
	 * @param key a key below the settings
	 * @return what is known where the key leaves what is known
	 */
	String reasonAgainst(ConfigurationPropertyName key) {
		String element = key.getElement(0, Form.DASHED);
		ResolvableType type = this.keys.get(element);
		if (type == null) {
			return "is not a setting: '" + element + "' is unknown" + suggestion(element) + "; known here are "
					+ String.join(", ", this.keys.keySet());
		}
		int consumed = 1;
		if (Map.class.isAssignableFrom(type.toClass())) {
			type = type.getGeneric(1);
			consumed = 2;
		}
		else if (Collection.class.isAssignableFrom(type.toClass())) {
			type = type.getGeneric(0);
			consumed = 2;
		}
		if (key.getNumberOfElements() > consumed && type.toClass().isRecord()) {
			return of(type.toClass()).reasonAgainst(key.subName(consumed));
		}
		return "has keys or a value where none belong";
	}

	private String suggestion(String element) {
		return closest(element).map((known) -> ", did you mean '" + known + "'?").orElse("");
	}

	private Optional<String> closest(String element) {
		return this.keys.keySet()
			.stream()
			.filter((known) -> distance(known, element) <= MAX_TYPOS)
			.min((one, other) -> Integer.compare(distance(one, element), distance(other, element)));
	}

	/**
	 * How many letters must be added, removed, changed or swapped with their neighbours
	 * to turn one word into the other.
	 */
	private static int distance(String one, String other) {
		int[][] edits = new int[one.length() + 1][other.length() + 1];
		for (int i = 0; i <= one.length(); i++) {
			for (int j = 0; j <= other.length(); j++) {
				edits[i][j] = (i == 0 || j == 0) ? i + j : cheapest(edits, one, other, i, j);
			}
		}
		return edits[one.length()][other.length()];
	}

	private static int cheapest(int[][] edits, String one, String other, int i, int j) {
		boolean same = one.charAt(i - 1) == other.charAt(j - 1);
		int cheapest = Math.min(edits[i - 1][j - 1] + (same ? 0 : 1), Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
		boolean swapped = i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2)
				&& one.charAt(i - 2) == other.charAt(j - 1);
		return swapped ? Math.min(cheapest, edits[i - 2][j - 2] + 1) : cheapest;
	}

	private static String nameOf(Parameter parameter) {
		Name name = parameter.getAnnotation(Name.class);
		return (name != null) ? name.value() : DataObjectPropertyName.toDashedForm(parameter.getName());
	}

}
