/**
 * Upstream servers and the pooled links to them: where they are, how many links are held,
 * when one is given up and opened again. Must not know who borrows links or why.
 */
@NullMarked
package io.holdfast.upstream;

import org.jspecify.annotations.NullMarked;
