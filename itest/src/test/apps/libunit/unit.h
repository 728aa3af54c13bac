/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small client of the application protocol, written from its description, for tests: what a program that is built
 * with the library does, without anything of the library. One request at a time for each context, or more if the
 * program asks for the next before it has finished one.
 */
#ifndef MARGAY_TEST_UNIT_H
#define MARGAY_TEST_UNIT_H

#include <stddef.h>
#include <stdint.h>

enum {
    RPC_ERROR = 1, NEW_PORT = 13, GET_PORT = 14, PORT_ACK = 15, MMAP = 16, GET_MMAP = 17, PROCESS_READY = 19,
    REMOVE_PID = 21, QUIT = 22, REQ_HEADERS = 23, REQ_HEADERS_ACK = 24, REQ_BODY = 25, WEBSOCKET = 26, DATA = 27, OOSM = 30,
    SHM_ACK = 31, READ_QUEUE = 32, READ_SOCKET = 33
};

enum { HEADER = 16, DATAGRAM = 16384, ITEM = 31, CHUNK = 16384, CHUNKS = 640 };

#define SEGMENT_SIZE 10489856L
#define PORT_QUEUE_SIZE 655380L
#define APP_QUEUE_SIZE 5767188L

struct header {
    uint32_t stream;
    int32_t pid;
    uint16_t reply_port;
    uint8_t type, last, mmap, nf, mf, pad;
};

struct record {
    uint32_t segment, chunk, size;
};

struct request_head {
    uint8_t method_length, version_length, remote_length, local_addr_length, local_port_length, tls, websocket, target;
    uint32_t server_name_length, target_length, path_length, query_length, fields_count;
    uint32_t content_length_field, content_type_field, cookie_field, authorization_field, pad;
    uint64_t content_length;
    uint32_t method, version, remote, local_addr, local_port, server_name, target_at, path, query, preread;
};

struct field {
    uint16_t hash;
    uint8_t flags, name_length;
    uint32_t value_length, name, value;
};

struct response_head {
    uint64_t content_length;
    uint32_t fields_count, piggyback_length;
    uint16_t status, pad;
    uint32_t piggyback;
};

struct message {
    struct header head;
    char payload[DATAGRAM - HEADER];
    int length;
    int fds[2];
};

/* A port of the router as the process writes it. */
struct router_port {
    int fd;
    char *queue;
};

struct context {
    int in, out, id;
    char *queue;
    int in_socket, has_early;
    struct message early;
    int quit, memory;
    struct request *waiting, *sockets;
};

struct request {
    struct context *context;
    uint32_t stream;
    int port;
    struct record record;
    struct request_head *head;
    int body;
    uint64_t read;
    int has_body;
    int begun;
    struct request *next;
};

extern struct unit {
    uint32_t ready_stream, shm_limit, request_limit;
    int ready_pid, ready_id, ready_fd, router_pid, router_id, router_fd, read_pid, read_id, read_in, read_out;
    int shared_fd, shared_queue_fd, log_fd;
    char *shared;
    int segments, handled;
    struct context main;
} unit;

/* Reads the environment, and makes what the process brings along; 0, or -1 after a message on standard error. */
int unit_open(void);
/* Says that the process is ready, and waits until that is acknowledged. */
int unit_ready(void);
/* Makes another context and waits until that is acknowledged. */
int unit_context(struct context *context, int id);
/* Tells a context of this process to finish what it has and to leave. */
void unit_quit(struct context *context);
/* The next request; NULL when the process is to leave. */
struct request *unit_next(struct context *context);
/* The text of a serialised pointer. */
#define TEXT(field) ((char *) &(field) + (field))
/* Value of a field of the request, or NULL. */
const char *unit_field(struct request *request, const char *name);
/* Reads the body; 0 at its end. */
long unit_read(struct request *request, char *to, long size);
/* Begins a response: fields are name, value, ..., NULL. */
void unit_begin(struct request *request, int status, const char *const *fields);
/* Sends a part of the body; waits for memory. */
void unit_write(struct request *request, const char *bytes, long size);
/* Frames of a request that was begun with 101 are given to this function; with NULL when the client has gone. */
extern void (*unit_frame)(struct request *request, char *frame, long size);
/* Ends the request: type DATA, or RPC_ERROR. */
void unit_end(struct request *request, int type);

/* Sends a message about a request; and lets go of one whose end was sent so. */
void unit_reply(struct request *request, int type, int last, int mmap, const void *payload, int size);
void unit_forget(struct request *request);

/* What is below the rules, for programs that break them. */
char *unit_router_port(struct context *context, int id, int *fd);
void unit_post(int fd, char *queue, const void *message, int length, const int *fds, int count);
int unit_datagram(int fd, const void *message, int length, const int *fds, int count);
int unit_receive(struct context *context, struct message *message, int wait);
void unit_queue_init(char *queue);
int unit_queue_send(char *queue, const void *message, int length);
int unit_memory(const char *name, long size, char **map);
struct header unit_header(struct request *request, int type, int last, int mmap);
/* Chunks for so many bytes to a port, as many as there are in one segment; the number of bytes. */
long unit_claim(struct context *context, int port, long size, struct record *record, char **at);
char *unit_segment(int id);

#endif
