package io.holdfast;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * Starts the gateway.
 */
@SpringBootApplication
public class Holdfast {

	private static final String LEAK_DETECTION = "io.netty.leakDetection.level";

	/**
	 * Runs until the process is told to stop, and then drains.
	 * @param args settings as {@code --key=value}
	 */
	public static void main(String[] args) {
		// every test runs with it at its strictest; here it would cost 4 % of the CPU
		if (System.getProperty(LEAK_DETECTION) == null) {
			System.setProperty(LEAK_DETECTION, "disabled");
		}
		new StopSignals().install();
		SpringApplication.run(Holdfast.class, args);
	}

}
