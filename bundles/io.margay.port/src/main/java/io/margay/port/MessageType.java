// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.util.List;

/**
 * The numbers of the message types, as they stand in byte 10 of the header ({@code spec/ports.md §5}).
 */
public final class MessageType {

    /** Answer of a request: it worked. */
    public static final int RPC_READY = 0;
    /** Answer of a request: it failed. */
    public static final int RPC_ERROR = 1;
    /** Start a prototype (to main) or a worker (to a prototype). */
    public static final int START_PROCESS = 2;
    /** Open a listening socket. */
    public static final int SOCKET = 3;
    /** Forget a listening socket and remove its file. */
    public static final int SOCKET_UNLINK = 4;
    /** The installations of extension bundles that count from now on, and the languages of this machine. */
    public static final int MODULES = 5;
    /** Store the configuration. */
    public static final int CONF_STORE = 6;
    /** Open the file of a certificate. */
    public static final int CERT_GET = 7;
    /** Delete the file of a certificate. */
    public static final int CERT_DELETE = 8;
    /** Open the file of a script. */
    public static final int SCRIPT_GET = 9;
    /** Delete the file of a script. */
    public static final int SCRIPT_DELETE = 10;
    /** Open an access log, rotate one, or reopen all of them. */
    public static final int ACCESS_LOG = 11;
    /** Take another descriptor for a log file. */
    public static final int CHANGE_FILE = 12;
    /** A port that the receiver may use. */
    public static final int NEW_PORT = 13;
    /** Ask for a port. */
    public static final int GET_PORT = 14;
    /** A port was accepted. */
    public static final int PORT_ACK = 15;
    /** A shared segment. */
    public static final int MMAP = 16;
    /** Ask for a shared segment. */
    public static final int GET_MMAP = 17;
    /** A child is set up and waits for approval. */
    public static final int PROCESS_CREATED = 18;
    /** A child serves. */
    public static final int PROCESS_READY = 19;
    /** A child asks for its global pid. */
    public static final int WHOAMI = 20;
    /** A process is gone. */
    public static final int REMOVE_PID = 21;
    /** Leave. */
    public static final int QUIT = 22;
    /** The head of a request. */
    public static final int REQ_HEADERS = 23;
    /** A worker took a request. */
    public static final int REQ_HEADERS_ACK = 24;
    /** The rest of a request's body. */
    public static final int REQ_BODY = 25;
    /** A WebSocket frame. */
    public static final int WEBSOCKET = 26;
    /** A piece of a response. */
    public static final int DATA = 27;
    /** Restart an application. */
    public static final int APP_RESTART = 28;
    /** Ask for the status. */
    public static final int STATUS = 29;
    /** An application is out of shared memory. */
    public static final int OOSM = 30;
    /** Shared memory is free again. */
    public static final int SHM_ACK = 31;
    /** Look into the queue. */
    public static final int READ_QUEUE = 32;
    /** Queue item: the next message is in the socket. */
    public static final int READ_SOCKET = 33;
    /** A question of the controller to main, in words; not in Unit. */
    public static final int QUERY = 34;
    /** An extension bundle, in sealed memory, to be installed; not in Unit. */
    public static final int MODULE = 35;
    /** An installation of an extension bundle is not in use any more; not in Unit. */
    public static final int MODULE_RELEASED = 36;
    /** Asks where the configuration uses an extension bundle; not in Unit. */
    public static final int MODULE_USERS = 37;
    /** Which options the router reads now; without a payload the question for that; not in Unit. */
    public static final int READERS = 38;
    /** Ask what an inspector of the receiver shows; its name is the payload; not in Unit. */
    public static final int INSPECT = 39;
    /** A configuration to be brought into force, or to be tried; not in Unit. */
    public static final int CONF_APPLY = 40;
    /** The stored configuration could not be used; not in Unit. */
    public static final int CONF_REJECTED = 41;
    /** The control socket answers; not in Unit. */
    public static final int CONTROL_READY = 42;
    /** A certificate has another content; not in Unit. */
    public static final int CERT_CHANGED = 43;
    /** A certificate is to be stored; not in Unit, which hands out the file. */
    public static final int CERT_STORE = 44;
    /** A script is to be stored; not in Unit, which hands out the file. */
    public static final int SCRIPT_STORE = 45;
    /** A process serves or has ended, for those who follow the server; not in Unit. */
    public static final int PROCESS_CHANGED = 46;
    /** What somebody wants to be done with an extension bundle, which comes with it; not in Unit. */
    public static final int MODULE_ORDER = 47;
    /** What somebody at a shell wants; not in Unit. */
    public static final int SHELL_ORDER = 48;
    /** Has main replace a process of ours by a new one; the kind is the payload; not in Unit. */
    public static final int PROCESS_ORDER = 49;
    /** A new router has the configuration in force, or cannot have it; not in Unit. */
    public static final int ROUTER_TAKEN = 50;
    /** Another process has taken the place of this one: end what has begun, and leave; not in Unit. */
    public static final int RETIRE = 51;
    /** Asks for copies of the listening sockets, and brings them; not in Unit. */
    public static final int SOCKETS = 52;
    /** What the router before has counted: asked for, or its last word; not in Unit. */
    public static final int COUNTERS = 53;
    /** What a process tells the one that takes its place, from bundles to bundles; not in Unit. */
    public static final int HANDOVER = 54;
    /** The access logs that the router may have opened from now on, NUL between their paths; not in Unit. */
    public static final int LOG_NAMES = 55;
    /** The first number that is no type. */
    public static final int COUNT = 56;

    private static final List<String> NAMES = List.of(
        "RPC_READY", "RPC_ERROR", "START_PROCESS", "SOCKET", "SOCKET_UNLINK", "MODULES", "CONF_STORE", "CERT_GET",
        "CERT_DELETE", "SCRIPT_GET", "SCRIPT_DELETE", "ACCESS_LOG", "CHANGE_FILE", "NEW_PORT", "GET_PORT", "PORT_ACK",
        "MMAP", "GET_MMAP", "PROCESS_CREATED", "PROCESS_READY", "WHOAMI", "REMOVE_PID", "QUIT", "REQ_HEADERS",
        "REQ_HEADERS_ACK", "REQ_BODY", "WEBSOCKET", "DATA", "APP_RESTART", "STATUS", "OOSM", "SHM_ACK", "READ_QUEUE",
        "READ_SOCKET", "QUERY", "MODULE", "MODULE_RELEASED", "MODULE_USERS", "READERS", "INSPECT",
        "CONF_APPLY", "CONF_REJECTED", "CONTROL_READY", "CERT_CHANGED", "CERT_STORE",
        "SCRIPT_STORE", "PROCESS_CHANGED", "MODULE_ORDER", "SHELL_ORDER", "PROCESS_ORDER", "ROUTER_TAKEN", "RETIRE",
        "SOCKETS", "COUNTERS", "HANDOVER", "LOG_NAMES");

    private MessageType() {
    }

    /**
     * Tells whether a number is a message type.
     *
     * @param type the byte of the header, 0 to 255
     */
    public static boolean known(int type) {
        return type >= 0 && type < COUNT;
    }

    /**
     * The name of a type for logs.
     *
     * @param type any number; an unknown one is printed as it is
     */
    public static String name(int type) {
        return known(type) ? NAMES.get(type) : Integer.toString(type);
    }
}
