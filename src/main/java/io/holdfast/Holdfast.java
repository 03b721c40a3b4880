package io.holdfast;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * Starts the gateway.
 */
@SpringBootApplication
public class Holdfast {

	/**
	 * Runs until the process is told to stop.
	 * @param args settings as {@code --key=value}
	 */
	public static void main(String[] args) {
		SpringApplication.run(Holdfast.class, args);
	}

}
