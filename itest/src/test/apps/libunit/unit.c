/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PORT_RING 16384u
#define APP_RING 131072u
#define RING_SIZE(n) (((n) + 2) * 4)
#define MAX_PORTS 64
#define MAX_SEGMENTS 4096
#define MAX_OWN 64

struct unit unit;
void (*unit_frame)(struct request *request, char *frame, long size);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct router_port ports[MAX_PORTS];
static char *incoming[MAX_SEGMENTS];
static char *own[MAX_OWN];

static void die(const char *what)
{
    fprintf(stderr, "unit test client: %s (%s)\n", what, strerror(errno));
    exit(1);
}

/* ---- rings ---- */

static uint32_t load(uint32_t *at)
{
    return __atomic_load_n(at, __ATOMIC_SEQ_CST);
}

static int cas(uint32_t *at, uint32_t old, uint32_t new)
{
    return __atomic_compare_exchange_n(at, &old, new, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static uint16_t cycle(uint32_t x, uint32_t n)
{
    return (uint16_t) (x / n);
}

static void ring_init(char *ring, uint32_t n)
{
    memset(ring, 0, RING_SIZE(n));
    *(uint32_t *) ring = n;
    ((uint32_t *) ring)[n + 1] = n;
}

static void ring_put(char *ring, uint32_t n, uint32_t value)
{
    uint32_t *entries = (uint32_t *) ring + 1, *tail = entries + n;
    for (;;) {
        uint32_t t = load(tail), e = load(&entries[t % n]);
        if (cycle(e, n) == cycle(t, n)) {
            cas(tail, t, t + 1);
        } else if ((uint16_t) (cycle(e, n) + 1) == cycle(t, n)
                && cas(&entries[t % n], e, cycle(t, n) * n + value)) {
            cas(tail, t, t + 1);
            return;
        }
    }
}

static int ring_take(char *ring, uint32_t n)
{
    uint32_t *head = (uint32_t *) ring, *entries = head + 1;
    for (;;) {
        uint32_t h = load(head), e = load(&entries[h % n]);
        if (cycle(e, n) != cycle(h, n)) {
            if ((uint16_t) (cycle(e, n) + 1) == cycle(h, n)) {
                return -1;
            }
        } else if (cas(head, h, h + 1)) {
            return (int) (e % n);
        }
    }
}

#define PORT_FREE(queue) ((queue) + 4)
#define PORT_QUEUE(queue) ((queue) + 4 + RING_SIZE(PORT_RING))
#define PORT_ITEM(queue, i) ((queue) + 4 + 2 * RING_SIZE(PORT_RING) + (size_t) (i) * 32)

void unit_queue_init(char *queue)
{
    ring_init(PORT_FREE(queue), PORT_RING);
    ring_init(PORT_QUEUE(queue), PORT_RING);
    for (uint32_t i = 0; i < PORT_RING; i++) {
        ring_put(PORT_FREE(queue), PORT_RING, i);
    }
    *(uint32_t *) queue = 0;
}

int unit_queue_send(char *queue, const void *message, int length)
{
    int i = ring_take(PORT_FREE(queue), PORT_RING);
    if (i < 0) {
        die("a queue is full");
    }
    char *item = PORT_ITEM(queue, i);
    *item = (char) length;
    memcpy(item + 1, message, (size_t) length);
    ring_put(PORT_QUEUE(queue), PORT_RING, (uint32_t) i);
    return __atomic_fetch_add((uint32_t *) queue, 1, __ATOMIC_SEQ_CST) == 0;
}

static int queue_receive(char *queue, char *to)
{
    int i = ring_take(PORT_QUEUE(queue), PORT_RING);
    if (i < 0) {
        return 0;
    }
    char *item = PORT_ITEM(queue, i);
    int length = *(unsigned char *) item;
    memcpy(to, item + 1, (size_t) length);
    ring_put(PORT_FREE(queue), PORT_RING, (uint32_t) i);
    __atomic_fetch_sub((uint32_t *) queue, 1, __ATOMIC_SEQ_CST);
    return length;
}

static int app_receive(char *queue, char *to)
{
    char *free_items = queue + 4, *ring = free_items + RING_SIZE(APP_RING), *items = ring + RING_SIZE(APP_RING);
    for (;;) {
        int i = ring_take(ring, APP_RING);
        if (i < 0) {
            return 0;
        }
        char *item = items + (size_t) i * 36;
        int length = *(unsigned char *) item;
        memcpy(to, item + 1, (size_t) length);
        uint32_t stream = ((struct header *) to)->stream;
        uint32_t *tracking = (uint32_t *) (item + 32);
        ring_put(free_items, APP_RING, (uint32_t) i);
        if (cas(tracking, stream, 0)) {
            return length;
        }
    }
}

/* ---- messages ---- */

int unit_datagram(int fd, const void *message, int length, const int *fds, int count)
{
    char control[CMSG_SPACE(2 * sizeof(int))] = {0};
    struct iovec part = {(void *) message, (size_t) length};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        head.msg_control = control;
        head.msg_controllen = CMSG_SPACE((size_t) count * sizeof(int));
        struct cmsghdr *rights = CMSG_FIRSTHDR(&head);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN((size_t) count * sizeof(int));
        memcpy(CMSG_DATA(rights), fds, (size_t) count * sizeof(int));
    }
    for (;;) {
        ssize_t sent = sendmsg(fd, &head, MSG_NOSIGNAL);
        if (sent >= 0) {
            return 0;
        }
        if (errno == EAGAIN) {
            struct pollfd wait = {fd, POLLOUT, 0};
            poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return -1;
        }
    }
}

void unit_post(int fd, char *queue, const void *message, int length, const int *fds, int count)
{
    if (length <= ITEM && count == 0) {
        if (unit_queue_send(queue, message, length)) {
            struct header wake = *(const struct header *) message;
            wake.type = READ_QUEUE;
            unit_datagram(fd, &wake, HEADER, NULL, 0);
        }
    } else {
        char marker = READ_SOCKET;
        unit_queue_send(queue, &marker, 1);
        unit_datagram(fd, message, length, fds, count);
    }
}

/* A datagram; its length, 0 at the end, -1 when there is none. */
static int receive(int fd, struct message *message, int flags)
{
    char control[CMSG_SPACE(8) + CMSG_SPACE(12)];
    struct iovec part = {&message->head, DATAGRAM};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
        .msg_controllen = sizeof(control)};
    ssize_t length;
    do {
        length = recvmsg(fd, &head, flags);
    } while (length < 0 && errno == EINTR);
    message->fds[0] = message->fds[1] = -1;
    if (length < 0) {
        if (errno == EAGAIN) {
            return -1;
        }
        die("recvmsg");
    }
    if (length == 0) {
        /* The server has closed it: this process is no longer one of its own. */
        exit(0);
    }
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&head); part != NULL; part = CMSG_NXTHDR(&head, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS) {
            memcpy(message->fds, CMSG_DATA(part), part->cmsg_len - CMSG_LEN(0));
        }
    }
    message->length = (int) length - HEADER;
    return (int) length;
}

/* A message of the context's own port: 1, or 0 when there is none. */
int unit_receive(struct context *context, struct message *message, int wait)
{
    char item[32];
    for (;;) {
        if (context->in_socket > 0 && context->has_early) {
            context->in_socket--;
            context->has_early = 0;
            *message = context->early;
            return 1;
        }
        if (context->in_socket == 0) {
            int length = queue_receive(context->queue, item);
            if (length == 1 && item[0] == READ_SOCKET) {
                context->in_socket++;
                continue;
            }
            if (length > 0) {
                memcpy(&message->head, item, (size_t) length);
                message->length = length - HEADER;
                message->fds[0] = message->fds[1] = -1;
                return 1;
            }
        }
        int length = receive(context->in, message, wait ? 0 : MSG_DONTWAIT);
        if (length < 0) {
            return 0;
        }
        if (length == 0) {
            exit(0);
        }
        if (length == HEADER && message->head.type == READ_QUEUE) {
            continue;
        }
        if (context->in_socket > 0) {
            context->in_socket--;
            return 1;
        }
        if (context->has_early) {
            die("two messages without a word in the queue");
        }
        context->early = *message;
        context->has_early = 1;
    }
}

/* ---- memory ---- */

int unit_memory(const char *name, long size, char **map)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, size) < 0) {
        die("memfd");
    }
    *map = mmap(NULL, (size_t) size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (*map == MAP_FAILED) {
        die("mmap");
    }
    return fd;
}

static uint64_t *free_map(char *segment)
{
    return (uint64_t *) (segment + 24);
}

static void release(char *segment, uint32_t chunk, uint32_t size)
{
    for (uint32_t i = chunk; i < chunk + (size + CHUNK - 1) / CHUNK; i++) {
        __atomic_fetch_or(&free_map(segment)[i / 64], 1ull << i % 64, __ATOMIC_SEQ_CST);
    }
}

static int claim(char *segment, uint32_t chunk)
{
    uint64_t bit = 1ull << chunk % 64;
    return (__atomic_fetch_and(&free_map(segment)[chunk / 64], ~bit, __ATOMIC_SEQ_CST) & bit) != 0;
}

char *unit_segment(int id)
{
    return own[id];
}

static int add_segment(int port)
{
    int id = unit.segments++;
    int fd = unit_memory("unit.test", SEGMENT_SIZE, &own[id]);
    *(uint32_t *) own[id] = (uint32_t) id;
    ((int32_t *) own[id])[1] = unit.read_pid;
    ((int32_t *) own[id])[2] = unit.router_pid;
    ((uint16_t *) own[id])[6] = (uint16_t) port;
    for (int i = 0; i < 10; i++) {
        free_map(own[id])[i] = ((uint64_t *) (own[id] + 112))[i] = ~0ull;
    }
    struct header message = {.pid = unit.read_pid, .type = MMAP};
    unit_post(ports[port].fd, ports[port].queue, &message, HEADER, &fd, 1);
    close(fd);
    return id;
}

static void control(struct context *context, struct message *message);

static long claim_now(int port, long size, struct record *record, char **at)
{
    uint32_t want = (uint32_t) ((size + CHUNK - 1) / CHUNK);
    uint32_t limit = (unit.shm_limit + 10485759) / 10485760;
    limit = limit < 1 ? 1 : limit;
    for (int id = 0; id < (int) limit; id++) {
        if (id == unit.segments) {
            add_segment(port);
        }
        uint16_t over = __atomic_load_n((uint16_t *) (own[id] + 12), __ATOMIC_SEQ_CST);
        if (over != 0xffff && over != port) {
            continue;
        }
        for (uint32_t chunk = 0; chunk < CHUNKS; chunk++) {
            uint32_t count = 0;
            while (chunk + count < CHUNKS && count < want && claim(own[id], chunk + count)) {
                count++;
            }
            if (count > 0) {
                long bytes = (long) count * CHUNK < size ? (long) count * CHUNK : size;
                *record = (struct record) {(uint32_t) id, chunk, (uint32_t) bytes};
                *at = own[id] + 4096 + (size_t) chunk * CHUNK;
                return bytes;
            }
        }
        __atomic_store_n((uint64_t *) (own[id] + 16), 1, __ATOMIC_SEQ_CST);
    }
    return 0;
}

long unit_claim(struct context *context, int port, long size, struct record *record, char **at)
{
    for (;;) {
        pthread_mutex_lock(&lock);
        long bytes = claim_now(port, size, record, at);
        context->memory = 0;
        pthread_mutex_unlock(&lock);
        if (bytes > 0) {
            return bytes;
        }
        struct header message = {.pid = unit.read_pid, .reply_port = (uint16_t) context->id, .type = OOSM};
        unit_datagram(unit.router_fd, &message, HEADER, NULL, 0);
        while (!context->memory) {
            struct message answer;
            unit_receive(context, &answer, 1);
            control(context, &answer);
        }
    }
}

/* ---- start ---- */

static char *map_fd(int fd, long size)
{
    struct stat status;
    if (fstat(fd, &status) < 0 || status.st_size != size) {
        die("memory of another size than it must have");
    }
    char *map = mmap(NULL, (size_t) size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        die("mmap");
    }
    return map;
}

int unit_open(void)
{
    const char *text = getenv("NXT_UNIT_INIT");
    struct unit *u = &unit;
    if (text == NULL || strncmp(text, "1.35.0;", 7) != 0) {
        fprintf(stderr, "NXT_UNIT_INIT is %s\n", text == NULL ? "missing" : text);
        return -1;
    }
    if (sscanf(text + 7, "%u;%d,%d,%d;%d,%d,%d;%d,%d,%d,%d;%d,%d;%d,%u,%u", &u->ready_stream, &u->ready_pid,
            &u->ready_id, &u->ready_fd, &u->router_pid, &u->router_id, &u->router_fd, &u->read_pid, &u->read_id,
            &u->read_in, &u->read_out, &u->shared_fd, &u->shared_queue_fd, &u->log_fd, &u->shm_limit,
            &u->request_limit) != 16) {
        fprintf(stderr, "invalid number of variables in NXT_UNIT_INIT: %s\n", text);
        return -1;
    }
    if ((fcntl(u->shared_fd, F_GETFL) & O_NONBLOCK) == 0) {
        fprintf(stderr, "the shared port blocks\n");
        return -1;
    }
    u->shared = map_fd(u->shared_queue_fd, APP_QUEUE_SIZE);
    close(u->shared_queue_fd);
    u->main.in = u->read_in;
    u->main.out = u->read_out;
    return 0;
}

static int await_ack(struct context *context)
{
    struct message message;
    do {
        unit_receive(context, &message, 1);
    } while (message.head.type == SHM_ACK);
    if (message.head.type == QUIT) {
        return -1;
    }
    if (message.head.type != PORT_ACK || message.head.pid != unit.router_pid) {
        fprintf(stderr, "message of type %d instead of PORT_ACK\n", message.head.type);
        return -1;
    }
    return 0;
}

int unit_ready(void)
{
    int fd = unit_memory("unit.test.port", PORT_QUEUE_SIZE, &unit.main.queue);
    unit_queue_init(unit.main.queue);
    struct header ready = {.stream = unit.ready_stream, .pid = unit.read_pid, .type = PROCESS_READY, .last = 1};
    if (unit_datagram(unit.ready_fd, &ready, HEADER, &fd, 1) < 0) {
        die("ready");
    }
    close(unit.ready_fd);
    close(fd);
    return await_ack(&unit.main);
}

void unit_quit(struct context *context)
{
    char quit[HEADER + 1] = {0};
    struct header head = {.pid = unit.read_pid, .type = QUIT};
    memcpy(quit, &head, HEADER);
    quit[HEADER] = 1;
    unit_post(context->out, context->queue, quit, sizeof(quit), NULL, 0);
}

int unit_context(struct context *context, int id)
{
    int pair[2], on = 1;
    struct {
        struct header head;
        uint16_t id, pad;
        int32_t pid;
        uint64_t max_size, max_share;
        uint8_t type, rest[7];
    } message = {.head = {.pid = unit.read_pid, .type = NEW_PORT}, .id = (uint16_t) id, .pid = unit.read_pid,
        .max_size = DATAGRAM, .max_share = 65536, .type = 5};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0) {
        die("socketpair");
    }
    setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
    setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
    memset(context, 0, sizeof(*context));
    context->id = id;
    context->in = pair[0];
    context->out = pair[1];
    int fd = unit_memory("unit.test.port", PORT_QUEUE_SIZE, &context->queue);
    unit_queue_init(context->queue);
    unit_datagram(unit.router_fd, &message, HEADER + 32, (int[]) {pair[1], fd}, 2);
    close(fd);
    return await_ack(context);
}

/* ---- requests ---- */

static void new_port(struct message *message)
{
    int id = *(uint16_t *) message->payload;
    if (message->length != 32 || id >= MAX_PORTS || message->fds[1] < 0) {
        die("NEW_PORT");
    }
    fcntl(message->fds[0], F_SETFL, fcntl(message->fds[0], F_GETFL) & ~O_NONBLOCK);
    pthread_mutex_lock(&lock);
    if (ports[id].queue == NULL) {
        ports[id].fd = message->fds[0];
        ports[id].queue = map_fd(message->fds[1], PORT_QUEUE_SIZE);
    } else {
        close(message->fds[0]);
    }
    pthread_mutex_unlock(&lock);
    close(message->fds[1]);
}

static void memory(struct message *message)
{
    char *segment = map_fd(message->fds[0], SEGMENT_SIZE);
    uint32_t id = *(uint32_t *) segment;
    close(message->fds[0]);
    if (((int32_t *) segment)[1] != message->head.pid || id >= MAX_SEGMENTS) {
        die("MMAP");
    }
    __atomic_store_n((uint16_t *) (segment + 12), 0xffff, __ATOMIC_SEQ_CST);
    __atomic_store_n(&incoming[id], segment, __ATOMIC_SEQ_CST);
}

static char *incoming_segment(struct context *context, uint32_t id);

static void frame(struct context *context, struct message *message)
{
    struct request *request = context->sockets;
    struct record record;
    while (request != NULL && request->stream != message->head.stream) {
        request = request->next;
    }
    memcpy(&record, message->payload, sizeof(record));
    char *segment = message->head.mmap ? incoming_segment(context, record.segment) : NULL;
    char *bytes = segment == NULL ? message->payload : segment + 4096 + (size_t) record.chunk * CHUNK;
    if (request != NULL) {
        unit_frame(request, message->head.last ? NULL : bytes, segment == NULL ? message->length : (long) record.size);
    }
    if (segment != NULL) {
        release(segment, record.chunk, record.size);
    }
}

/* Handles what may arrive at any time. */
static void control(struct context *context, struct message *message)
{
    switch (message->head.type) {
    case NEW_PORT:
        new_port(message);
        break;
    case MMAP:
        memory(message);
        break;
    case SHM_ACK:
        context->memory = 1;
        break;
    case QUIT:
        context->quit = message->length > 0 && message->payload[0] == 1 ? 1 : 2;
        break;
    case WEBSOCKET:
        frame(context, message);
        break;
    case REQ_BODY:
        for (struct request **at = &context->waiting; *at != NULL; at = &(*at)->next) {
            if ((*at)->stream == message->head.stream) {
                (*at)->body = message->fds[0];
                (*at)->has_body = 1;
                return;
            }
        }
        fprintf(stderr, "a body for nobody\n");
        break;
    default:
        fprintf(stderr, "ignore message type: %d\n", message->head.type);
        exit(1);
    }
}

static void ask(struct context *context, int type, const void *what, int size)
{
    char message[HEADER + 8];
    struct header head = {.pid = unit.read_pid, .reply_port = (uint16_t) context->id, .type = (uint8_t) type};
    memcpy(message, &head, HEADER);
    memcpy(message + HEADER, what, (size_t) size);
    unit_datagram(unit.router_fd, message, HEADER + size, NULL, 0);
}

char *unit_router_port(struct context *context, int id, int *fd)
{
    if (__atomic_load_n(&ports[id].queue, __ATOMIC_SEQ_CST) == NULL) {
        struct {
            uint16_t id, pad;
            int32_t pid;
        } what = {(uint16_t) id, 0, unit.router_pid};
        ask(context, GET_PORT, &what, 8);
        while (__atomic_load_n(&ports[id].queue, __ATOMIC_SEQ_CST) == NULL) {
            struct message message;
            unit_receive(context, &message, 1);
            control(context, &message);
        }
    }
    *fd = ports[id].fd;
    return ports[id].queue;
}

struct header unit_header(struct request *request, int type, int last, int mmap)
{
    return (struct header) {.stream = request->stream, .pid = unit.read_pid,
        .reply_port = (uint16_t) request->context->id, .type = (uint8_t) type, .last = (uint8_t) last,
        .mmap = (uint8_t) mmap};
}

void unit_reply(struct request *request, int type, int last, int mmap, const void *payload, int size)
{
    char message[DATAGRAM];
    int fd;
    char *queue = unit_router_port(request->context, request->port, &fd);
    if (fcntl(fd, F_GETFD) < 0) {
        die("a port is gone");
    }
    struct header head = unit_header(request, type, last, mmap);
    memcpy(message, &head, HEADER);
    memcpy(message + HEADER, payload, (size_t) size);
    unit_post(fd, queue, message, HEADER + size, NULL, 0);
}

static char *incoming_segment(struct context *context, uint32_t id)
{
    if (__atomic_load_n(&incoming[id], __ATOMIC_SEQ_CST) == NULL) {
        ask(context, GET_MMAP, &id, 4);
        while (__atomic_load_n(&incoming[id], __ATOMIC_SEQ_CST) == NULL) {
            struct message message;
            unit_receive(context, &message, 1);
            control(context, &message);
        }
    }
    return incoming[id];
}

static struct request *take(struct context *context, char *item)
{
    struct header *head = (struct header *) item;
    struct request *request = calloc(1, sizeof(*request));
    if (head->type != REQ_HEADERS || head->mmap != 1 || head->pid != unit.router_pid) {
        die("the queue has something that is no request");
    }
    request->context = context;
    request->stream = head->stream;
    request->port = head->reply_port;
    request->body = -1;
    memcpy(&request->record, item + HEADER, sizeof(request->record));
    int fd;
    unit_router_port(context, request->port, &fd);
    request->head = (struct request_head *) (incoming_segment(context, request->record.segment) + 4096 + (size_t) request->record.chunk * CHUNK);
    unit_reply(request, REQ_HEADERS_ACK, 0, 0, "", 0);
    char *end = (char *) request->head + request->record.size;
    if (TEXT(request->head->preread) + request->head->content_length > end) {
        request->next = context->waiting;
        context->waiting = request;
    }
    return request;
}

static struct request *complete(struct context *context)
{
    for (struct request **at = &context->waiting; *at != NULL; at = &(*at)->next) {
        if ((*at)->has_body) {
            struct request *request = *at;
            *at = request->next;
            return request;
        }
    }
    return NULL;
}

struct request *unit_next(struct context *context)
{
    char item[ITEM + 1];
    struct message message;
    for (;;) {
        struct request *request;
        while (unit_receive(context, &message, 0)) {
            control(context, &message);
        }
        if ((request = complete(context)) != NULL) {
            return request;
        }
        if (context->quit == 2 || (context->quit == 1 && context->waiting == NULL && context->sockets == NULL)) {
            return NULL;
        }
        pthread_mutex_lock(&lock);
        int room = unit.request_limit == 0 || unit.handled < (int) unit.request_limit;
        int taken = !context->quit && room && app_receive(unit.shared, item) > 0;
        int count = unit.handled += taken;
        pthread_mutex_unlock(&lock);
        if (taken) {
            request = take(context, item);
            if (unit.request_limit != 0 && count == (int) unit.request_limit) {
                unit_quit(&unit.main);
            }
            if (context->waiting == request) {
                continue;
            }
            return request;
        }
        struct pollfd wait[2] = {{context->in, POLLIN, 0}, {unit.shared_fd, POLLIN, 0}};
        poll(wait, room && !context->quit ? 2 : 1, -1);
        if (wait[1].revents != 0 && receive(unit.shared_fd, &message, MSG_DONTWAIT) > 0) {
            __atomic_store_n((uint32_t *) unit.shared, 0, __ATOMIC_SEQ_CST);
        }
    }
}

const char *unit_field(struct request *request, const char *name)
{
    struct field *fields = (struct field *) (request->head + 1);
    for (uint32_t i = 0; i < request->head->fields_count; i++) {
        if (strcasecmp(TEXT(fields[i].name), name) == 0) {
            return TEXT(fields[i].value);
        }
    }
    return NULL;
}

long unit_read(struct request *request, char *to, long size)
{
    if (request->has_body) {
        return read(request->body, to, (size_t) size);
    }
    long left = (long) (request->head->content_length - request->read);
    size = size < left ? size : left;
    memcpy(to, TEXT(request->head->preread) + request->read, (size_t) size);
    request->read += (uint64_t) size;
    return size;
}

static uint16_t hash(const char *name)
{
    uint32_t hash = 159406;
    for (; *name != 0; name++) {
        hash = hash * 17 + (uint32_t) (*name >= 'A' && *name <= 'Z' ? *name + 32 : *name);
    }
    return (uint16_t) (hash ^ hash >> 16);
}

static void send_block(struct request *request, int type, int last, const char *bytes, long size)
{
    if (size <= 1024) {
        unit_reply(request, type, last, 0, bytes, (int) size);
        return;
    }
    struct record record;
    char *at;
    if (unit_claim(request->context, request->port, size, &record, &at) < size) {
        die("no room for the head of a response");
    }
    memcpy(at, bytes, (size_t) size);
    unit_reply(request, type, last, 1, &record, sizeof(record));
}

void unit_begin(struct request *request, int status, const char *const *fields)
{
    size_t size = sizeof(struct response_head);
    uint32_t count = 0;
    for (const char *const *at = fields; *at != NULL; at += 2, count++) {
        size += sizeof(struct field) + strlen(at[0]) + strlen(at[1]) + 2;
    }
    char *block = calloc(1, size);
    struct response_head *head = (struct response_head *) block;
    struct field *field = (struct field *) (head + 1);
    char *text = (char *) (field + count);
    head->status = (uint16_t) status;
    head->fields_count = count;
    for (const char *const *at = fields; *at != NULL; at += 2, field++) {
        field->hash = hash(at[0]);
        field->name_length = (uint8_t) strlen(at[0]);
        field->value_length = (uint32_t) strlen(at[1]);
        field->name = (uint32_t) (text - (char *) &field->name);
        text = stpcpy(text, at[0]) + 1;
        field->value = (uint32_t) (text - (char *) &field->value);
        text = stpcpy(text, at[1]) + 1;
    }
    request->begun = 1;
    if (status == 101) {
        request->next = request->context->sockets;
        request->context->sockets = request;
    }
    send_block(request, DATA, 0, block, (long) size);
    free(block);
}

void unit_write(struct request *request, const char *bytes, long size)
{
    while (size > 0) {
        if (size <= 1024) {
            unit_reply(request, DATA, 0, 0, bytes, (int) size);
            return;
        }
        struct record record;
        char *at;
        long part = unit_claim(request->context, request->port, size, &record, &at);
        memcpy(at, bytes, (size_t) part);
        unit_reply(request, DATA, 0, 1, &record, sizeof(record));
        bytes += part;
        size -= part;
    }
}

void unit_end(struct request *request, int type)
{
    if (type == DATA && !request->begun) {
        unit_begin(request, 200, (const char *const[]) {"Content-Type", "text/plain", NULL});
    }
    unit_reply(request, type, 1, 0, "", 0);
    unit_forget(request);
}

void unit_forget(struct request *request)
{
    for (struct request **at = &request->context->sockets; *at != NULL; at = &(*at)->next) {
        if (*at == request) {
            *at = request->next;
            break;
        }
    }
    if (request->body >= 0) {
        close(request->body);
    }
    release(incoming[request->record.segment], request->record.chunk, request->record.size);
    free(request);
}
