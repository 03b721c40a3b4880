package io.holdfast.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.nio.NioIoOps;
import io.netty.channel.nio.NioSelectableChannelIoHandle;
import io.netty.util.concurrent.Future;

import org.springframework.boot.CommandLineRunner;
import org.springframework.context.annotation.Bean;

/**
 * Ends an event loop of Java's own transport as a failed allocation does: by an error
 * while it looks after a socket. As a source of an application, does so when that has
 * started.
 */
public class LoopEnd {

	@Bean
	CommandLineRunner endLoop(EventLoops loops) {
		return (arguments) -> end(loops);
	}

	@SuppressWarnings("try") // the handle is closed with its loop
	static void end(EventLoops loops) {
		try {
			Pipe pipe = Pipe.open();
			pipe.source().configureBlocking(false);
			Future<IoRegistration> registered = ((IoEventLoop) loops.preferred())
				.register(new NioSelectableChannelIoHandle<>(pipe.source()) {

					@Override
					protected void handle(Pipe.SourceChannel channel, SelectionKey key) {
						throw new OutOfMemoryError("as if memory were exhausted");
					}

				})
				.syncUninterruptibly();
			registered.getNow().submit(NioIoOps.READ);
			pipe.sink().write(ByteBuffer.allocate(1));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
