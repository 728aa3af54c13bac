// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

/** How requests travel between the router and the processes of a language. */
public enum Wire {
    /** Messages with the payload inline; workers pull from one shared socket. */
    PORT,
    /** The protocol of libunit with its shared memory ({@code spec/ports.md}). */
    LIBUNIT,
    /** FastCGI over a Unix socket. */
    FASTCGI,
    /** HTTP/1.1 over a Unix socket. */
    HTTP
}
