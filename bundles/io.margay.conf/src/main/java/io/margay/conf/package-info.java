// SPDX-License-Identifier: Apache-2.0
/**
 * The configuration as an immutable JSON tree: parser, writers, pointers and path edits.
 *
 * <p>The parser is our own because the dialect and its replies are part of the interface: comments and one trailing
 * comma are accepted, every error has a fixed text with byte offset, line and column, duplicate names are refused at
 * their place, numbers are given back as they were written, and strings keep bytes that are not UTF-8. The models of
 * common JSON libraries lose position, number text and duplicates.
 *
 * <p>Parsing, editing and writing take time linear in the size of the input; recursion is bounded by
 * {@link io.margay.conf.ConfParser#MAX_DEPTH}. All types are immutable and may be used by any thread. No parameter
 * and no result is null.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.1.0")
package io.margay.conf;
