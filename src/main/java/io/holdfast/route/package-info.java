/**
 * What a listener does with a frame: echo it, relay it to an upstream server over links
 * that clients share, or hand it to the application's own flow.
 */
@NullMarked
package io.holdfast.route;

import org.jspecify.annotations.NullMarked;
