/**
 * Leaving in order: one connection, all of a listener, or the whole process. Says who
 * leaves when, and what becomes of those that take too long; how a connection leaves is
 * its own business. It must not know who asks for it.
 */
@NullMarked
package io.holdfast.drain;

import org.jspecify.annotations.NullMarked;
