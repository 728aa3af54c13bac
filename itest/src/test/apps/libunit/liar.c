/* SPDX-License-Identifier: Apache-2.0 */
/* Breaks the rules in the way that the argument names: at the start, or when it is asked for "/lie". */
#define _GNU_SOURCE
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *lie;

#define IS(name) (strcmp(lie, name) == 0)

static void hello(struct request *request)
{
    unit_begin(request, 200, (const char *const[]) {"Content-Type", "text/plain", "Content-Length", "6", NULL});
    unit_write(request, "hello\n", 6);
    unit_end(request, DATA);
}

/* Something in the place of PROCESS_READY. */
static int early(void)
{
    struct header head = {.stream = unit.ready_stream, .pid = unit.read_pid, .type = PROCESS_READY, .last = 1};
    char *map;
    int fd = -1, count = 1;
    if (IS("ready-small")) {
        fd = unit_memory("small", 4096, &map);
    } else if (IS("ready-file")) {
        fd = open("/proc/self/exe", O_RDONLY);
    } else if (IS("ready-pipe")) {
        int ends[2];
        fd = pipe(ends) < 0 ? -1 : ends[0];
    } else if (IS("ready-bare")) {
        count = 0;
    } else if (IS("ready-other")) {
        head.pid = 1;
        fd = unit_memory("queue", PORT_QUEUE_SIZE, &map);
    } else if (IS("ready-short")) {
        unit_datagram(unit.router_fd, &head, 7, NULL, 0);
        pause();
    } else if (IS("ready-early")) {
        head.type = OOSM;
        count = 0;
    } else {
        return 0;
    }
    unit_datagram(unit.ready_fd, &head, HEADER, &fd, count);
    pause();
    return 1;
}

static void to_router(struct request *request, int type, const void *payload, int size, const int *fds, int count)
{
    char message[DATAGRAM];
    struct header head = unit_header(request, type, 0, 0);
    memcpy(message, &head, HEADER);
    memcpy(message + HEADER, payload, (size_t) size);
    unit_datagram(unit.router_fd, message, HEADER + size, fds, count);
}

static void post(struct request *request, struct header head, const void *payload, int size, const int *fds, int count)
{
    char message[DATAGRAM];
    int fd;
    char *queue = unit_router_port(request->context, request->port, &fd);
    memcpy(message, &head, HEADER);
    memcpy(message + HEADER, payload, (size_t) size);
    unit_post(fd, queue, message, HEADER + size, fds, count);
}

static void record(struct request *request, uint32_t segment, uint32_t chunk, uint32_t size)
{
    struct record record = {segment, chunk, size};
    post(request, unit_header(request, DATA, 0, 1), &record, sizeof(record), NULL, 0);
}

static void records(struct request *request)
{
    struct record real;
    char *at;
    unit_begin(request, 200, (const char *const[]) {"Content-Type", "text/plain", NULL});
    if (IS("record-segment")) {
        record(request, 3, 0, 100);
        return;
    }
    unit_claim(request->context, request->port, CHUNK, &real, &at);
    if (IS("record-chunk")) {
        record(request, real.segment, CHUNKS, 100);
    } else if (IS("record-size")) {
        record(request, real.segment, CHUNKS - 1, CHUNK + 1);
    } else if (IS("record-negative")) {
        record(request, real.segment, real.chunk, 0x80000001u);
    } else if (IS("record-nothing")) {
        record(request, real.segment, real.chunk, 0);
    } else if (IS("record-free")) {
        record(request, real.segment, real.chunk + 1, 100);
    } else if (IS("record-half")) {
        post(request, unit_header(request, DATA, 0, 1), "12345678", 8, NULL, 0);
    } else if (IS("record-huge")) {
        record(request, 0xffffffffu, 0, 100);
    } else {
        /* The client takes nothing, so that the chunk stays with the router. */
        for (int i = 0; i < 10000; i++) {
            record(request, real.segment, real.chunk, CHUNK);
        }
    }
}

static void segments(struct request *request)
{
    char *map;
    int fd = unit_memory("segment", IS("segment-size") ? SEGMENT_SIZE - 4096 : SEGMENT_SIZE, &map);
    struct header head = unit_header(request, MMAP, 0, 0);
    int32_t *words = (int32_t *) map;
    words[0] = IS("segment-id") ? 10 : IS("segment-negative") ? -1 : 0;
    words[1] = IS("segment-source") ? 1 : unit.read_pid;
    words[2] = IS("segment-target") ? 1 : unit.router_pid;
    post(request, head, "", 0, &fd, IS("segment-none") ? 0 : 1);
    if (IS("segment-twice")) {
        post(request, head, "", 0, &fd, 1);
    } else if (IS("segment-cut")) {
        /* The router has it when it has said so. */
        while (__atomic_load_n((uint16_t *) (map + 12), __ATOMIC_SEQ_CST) != 0xffff) {
            usleep(1000);
        }
        if (ftruncate(fd, 0) == 0) {
            record(request, 0, 0, 2000);
        }
    } else if (IS("segment-half")) {
        while (__atomic_load_n((uint16_t *) (map + 12), __ATOMIC_SEQ_CST) != 0xffff) {
            usleep(1000);
        }
        if (ftruncate(fd, 4096) == 0) {
            record(request, 0, 0, 2000);
        }
    }
}

static void block(struct request *request)
{
    struct {
        struct response_head head;
        struct field field;
        char text[16];
    } block = {.head = {.status = 200, .fields_count = 1}, .field = {.name_length = 1, .value_length = 1, .name = 8,
        .value = 4}};
    int size = sizeof(block);
    if (IS("response-small")) {
        size = 10;
    } else if (IS("response-fields")) {
        block.head.fields_count = 1000;
    } else if (IS("response-many")) {
        block.head.fields_count = 0xf0000001u;
    } else if (IS("response-name")) {
        block.field.name = 5000;
    } else if (IS("response-back")) {
        block.field.name = (uint32_t) -4096;
    } else if (IS("response-value")) {
        block.field.value_length = 0xffffffffu;
    } else {
        block.head.piggyback_length = 1000000;
    }
    post(request, unit_header(request, DATA, 0, 0), &block, size, NULL, 0);
}

static void headers(struct request *request)
{
    struct header head = unit_header(request, DATA, 0, 0);
    if (IS("header-type")) {
        head.type = 99;
    } else if (IS("header-pid")) {
        head.pid = getpid();
    } else if (IS("header-fragment")) {
        head.mf = 1;
    } else {
        head.type = REQ_HEADERS_ACK;
    }
    post(request, head, "", 0, NULL, 0);
}

/* Entries of rounds that never were, in both rings. */
static void spoil(char *queue, long entries)
{
    memset(queue + 8, 0x5a, (size_t) entries * 4);
    memset(queue + 8 + (entries + 2) * 4, 0x5a, (size_t) entries * 4);
}

static void queues(struct request *request)
{
    int fd;
    char *queue = unit_router_port(request->context, request->port, &fd), item[256] = {0};
    struct header wake = unit_header(request, READ_QUEUE, 0, 0);
    struct header data = unit_header(request, DATA, 0, 0);
    if (IS("queue-item")) {
        unit_queue_send(queue, "x", 200);
        unit_datagram(fd, &wake, HEADER, NULL, 0);
    } else if (IS("queue-empty-item")) {
        unit_queue_send(queue, item, 0);
        unit_datagram(fd, &wake, HEADER, NULL, 0);
    } else if (IS("queue-ruin")) {
        memset(queue, 0xa5, PORT_QUEUE_SIZE);
        unit_datagram(fd, &wake, HEADER, NULL, 0);
    } else if (IS("queue-rings")) {
        spoil(queue, 16384);
        unit_datagram(fd, &wake, HEADER, NULL, 0);
    } else if (IS("queue-early")) {
        unit_datagram(fd, &data, HEADER, NULL, 0);
        unit_datagram(fd, &data, HEADER, NULL, 0);
    } else if (IS("queue-flood")) {
        for (;;) {
            unit_datagram(fd, &wake, HEADER, NULL, 0);
        }
    } else if (IS("queue-shared")) {
        spoil(unit.shared, 131072);
        hello(request);
    } else if (IS("queue-own")) {
        spoil(request->context->queue, 16384);
        to_router(request, GET_PORT, &(struct record) {1, (uint32_t) unit.router_pid, 0}, 8, NULL, 0);
    } else {
        /* More answers than it will ever read. */
        for (int i = 0; i < 100000; i++) {
            to_router(request, GET_PORT, &(struct record) {1, (uint32_t) unit.router_pid, 0}, 8, NULL, 0);
        }
    }
}

static void controls(struct request *request)
{
    char bytes[DATAGRAM] = {0};
    int fds[3] = {0, 1, 2}, pair[2];
    struct {
        uint16_t id, pad;
        int32_t pid;
        uint64_t max_size, max_share;
        uint8_t type, rest[7];
    } port = {.id = 1, .pid = unit.read_pid, .type = 5};
    if (IS("control-type")) {
        to_router(request, DATA, "", 0, NULL, 0);
    } else if (IS("control-port")) {
        to_router(request, GET_PORT, &(struct record) {999, (uint32_t) unit.router_pid, 0}, 8, NULL, 0);
    } else if (IS("control-memory")) {
        to_router(request, GET_MMAP, "\x77\0\0", 4, NULL, 0);
    } else if (IS("control-ready")) {
        to_router(request, PROCESS_READY, "", 0, fds, 1);
    } else if (IS("control-large")) {
        int on = 1 << 20;
        setsockopt(unit.router_fd, SOL_SOCKET, SO_SNDBUF, &on, sizeof(on));
        char *large = calloc(1, 40000);
        unit_datagram(unit.router_fd, large, 40000, NULL, 0);
    } else if (IS("control-length")) {
        to_router(request, GET_PORT, bytes, 9, NULL, 0);
    } else if (IS("port-zero")) {
        port.id = 0;
        to_router(request, NEW_PORT, &port, 32, fds, 2);
    } else if (IS("port-file")) {
        to_router(request, NEW_PORT, &port, 32, fds, 2);
    } else if (IS("port-one")) {
        to_router(request, NEW_PORT, &port, 32, fds, 1);
    } else if (IS("port-other") && socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0) {
        port.pid = 1;
        to_router(request, NEW_PORT, &port, 32, pair, 2);
    } else if (IS("port-queue") && socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0) {
        to_router(request, NEW_PORT, &port, 32, pair, 2);
    }
}

static void tell(struct request *request)
{
    static const struct {
        const char *word;
        void (*how)(struct request *);
    } kinds[] = {{"record-", records}, {"segment-", segments}, {"response-", block}, {"header-", headers},
        {"queue-", queues}, {"control-", controls}, {"port-", controls}};
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strncmp(lie, kinds[i].word, strlen(kinds[i].word)) == 0) {
            kinds[i].how(request);
            return;
        }
    }
    hello(request);
}

int main(int argc, char **argv)
{
    struct request *request;
    lie = argc > 1 ? argv[1] : "";
    if (unit_open() < 0 || early() || unit_ready() < 0) {
        return 1;
    }
    while ((request = unit_next(&unit.main)) != NULL) {
        if (strcmp(TEXT(request->head->path), "/lie") == 0) {
            tell(request);
        } else {
            hello(request);
        }
    }
    return 0;
}
