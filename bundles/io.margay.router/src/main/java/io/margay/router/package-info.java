// SPDX-License-Identifier: Apache-2.0
/**
 * The router process: it accepts clients, routes and answers their requests, and queues those for applications. It
 * runs without privileges, since it is the process that reads what strangers send; sockets, files and processes it
 * asks main for.
 */
package io.margay.router;
