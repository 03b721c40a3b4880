package io.holdfast.protocol;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class BytesSettingsTests {

	@Test
	void hexIsReadInPairsOfDigits() {
		assertThat(new BytesSettings("00fF", null).bytes()).isEqualTo(new byte[] { 0, (byte) 0xff });
	}

	@Test
	void spacesInHexAreLeftOut() {
		assertThat(new BytesSettings(" 00 ff  7e ", null).bytes()).isEqualTo(new byte[] { 0, (byte) 0xff, 0x7e });
	}

	@Test
	void textIsUtf8() {
		assertThat(new BytesSettings(null, " é\n").bytes())
			.isEqualTo(new byte[] { ' ', (byte) 0xc3, (byte) 0xa9, '\n' });
	}

	@ParameterizedTest
	@CsvSource({ "'', ", "'  ', ", ", ''" })
	void noBytesAreAnEmptyContentWhereItMakesSense(@Nullable String hex, @Nullable String text) {
		BytesSettings settings = new BytesSettings(hex, text);
		assertThat(settings.bytes()).isEmpty();
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> settings.requireSome("goodbye"))
			.satisfies((ex) -> {
				assertThat(ex.getName()).isEqualTo("goodbye");
				assertThat(ex.getReason()).isEqualTo("is empty; give at least one byte");
			});
	}

	@Test
	void bytesAreTheCallersOwn() {
		BytesSettings settings = new BytesSettings("00ff", null);
		settings.bytes()[0] = 1;
		assertThat(settings.bytes()).startsWith(0);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			| | hex | | is missing; give hex, such as "00ff", or text
			00ff | hello | text | hello | stands beside hex; give one of them
			0 | | hex | 0 | must be pairs of hex digits in quotes, such as "00ff"
			00f | | hex | 00f | must be pairs of hex digits in quotes, such as "00ff"
			0x00 | | hex | 0x00 | must be pairs of hex digits in quotes, such as "00ff"
			00:ff | | hex | 00:ff | must be pairs of hex digits in quotes, such as "00ff"
			""")
	void mistakeNamesKeyAndValueAndWhatIsRight(@Nullable String hex, @Nullable String text, String key,
			@Nullable String value, String reason) {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> new BytesSettings(hex, text))
			.satisfies((ex) -> {
				assertThat(ex.getName()).isEqualTo(key);
				assertThat(ex.getValue()).isEqualTo(value);
				assertThat(ex.getReason()).isEqualTo(reason);
			});
	}

}
