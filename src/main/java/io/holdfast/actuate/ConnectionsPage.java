package io.holdfast.actuate;

import java.util.List;

/**
 * Some of the connections that a query found.
 *
 * @param total how many it found
 * @param page which page this is, from 0
 * @param size most connections on a page
 * @param connections the page, oldest connections first
 */
public record ConnectionsPage(long total, int page, int size, List<ConnectionView> connections) {

}
