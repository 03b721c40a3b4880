package io.holdfast;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * Starts the gateway.
 */
@SpringBootApplication
public class Holdfast {

	/**
	 * Runs until the process is told to stop, and then drains.
	 * @param args settings as {@code --key=value}
	 */
	public static void main(String[] args) {
		// every test runs with it at its strictest; here it would cost 4 % of the CPU
		System.getProperties().putIfAbsent("io.netty.leakDetection.level", "disabled");
		// the management port does well with Java's own sockets, and whoever forbids
		// others does so for the whole process
		System.getProperties().putIfAbsent("reactor.netty.native", "false");
		new StopSignals().install();
		SpringApplication application = new SpringApplication(Holdfast.class);
		application
			.addInitializers((context) -> context.getBeanFactory().registerSingleton("processHalt", new ProcessHalt()));
		application.run(args);
	}

}
