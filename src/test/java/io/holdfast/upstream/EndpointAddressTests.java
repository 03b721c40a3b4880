package io.holdfast.upstream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class EndpointAddressTests {

	@Test
	void hostAndPortAreToldApart() {
		assertThat(EndpointAddress.parse("10.0.0.5:7001")).isEqualTo(new EndpointAddress("10.0.0.5", 7001));
		assertThat(EndpointAddress.parse("name:1")).isEqualTo(new EndpointAddress("name", 1));
		assertThat(EndpointAddress.parse("[::1]:65535")).isEqualTo(new EndpointAddress("::1", 65535));
	}

	@ParameterizedTest
	@ValueSource(strings = { "10.0.0.5:7001", "localhost:7001", "billing-0.billing.default.svc:7001",
			"with_underscore:7001", "4u.example:7001", "[::1]:7001", "[fe80::1%eth0]:7001", "[::ffff:10.0.0.5]:7001" })
	void whatIsParsedIsWrittenTheSameWay(String text) {
		assertThat(EndpointAddress.parse(text)).hasToString(text);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					'' | is no address with a port; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001
					name | is no address with a port; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001
					name: | is no address with a port; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001
					:7001 | is no address with a port; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001
					name:http | is no address with a port; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001
					a name:7001 | is no address with a port; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001
					tcp://name:7001 | is no address with a port; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001
					::1:7001 | is no address with a port; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001
					[::1] | is no address with a port; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001
					[name]:7001 | has the wrong address 'name'; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001
					[::1::]:7001 | has the wrong address '::1::'; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001
					10.0.0:7001 | has the wrong address '10.0.0'; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001
					10.0.0.500:7001 | has the wrong address '10.0.0.500'; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001
					name:0 | has the port 0; must be from 1 to 65535
					name:-1 | has the port -1; must be from 1 to 65535
					name:65536 | has the port 65536; must be from 1 to 65535
					name:99999999999 | has too large a port; give one such as 10.0.0.5:7001, name:7001 or [::1]:7001""")
	void mistakeSaysWhatIsRight(String text, String message) {
		assertThatIllegalArgumentException().isThrownBy(() -> EndpointAddress.parse(text)).withMessage(message);
	}

}
