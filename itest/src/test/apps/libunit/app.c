/* SPDX-License-Identifier: Apache-2.0 */
/* The questions that the test of all languages asks; each path is one. The argument is the number of threads. */
#define _GNU_SOURCE
#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PERIOD 251
#define BLOCK (PERIOD * 1024)

static char pattern[BLOCK];

/* ---- SHA-256, FIPS 180-4 ---- */

static uint32_t constants[64], initial[8];

static uint32_t fraction(double root)
{
    return (uint32_t) ((root - (double) (long) root) * 4294967296.0);
}

static double root(int n, int degree)
{
    double x = n;
    for (int i = 0; i < 200; i++) {
        x = degree == 2 ? (x + n / x) / 2 : (2 * x + n / (x * x)) / 3;
    }
    return x;
}

static void prepare(void)
{
    for (int n = 2, count = 0; count < 64; n++) {
        int prime = 1;
        for (int d = 2; d * d <= n; d++) {
            prime &= n % d != 0;
        }
        if (prime) {
            if (count < 8) {
                initial[count] = fraction(root(n, 2));
            }
            constants[count++] = fraction(root(n, 3));
        }
    }
    for (int i = 0; i < BLOCK; i++) {
        pattern[i] = (char) (i % PERIOD);
    }
}

struct digest {
    uint32_t state[8];
    unsigned char block[64];
    uint64_t size;
};

#define TURN(x, n) ((x) >> (n) | (x) << (32 - (n)))

static void block(struct digest *d)
{
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++) {
        unsigned char *b = d->block + 4 * i;
        w[i] = (uint32_t) b[0] << 24 | (uint32_t) b[1] << 16 | (uint32_t) b[2] << 8 | b[3];
    }
    for (int i = 16; i < 64; i++) {
        uint32_t a = TURN(w[i - 15], 7) ^ TURN(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t b = TURN(w[i - 2], 17) ^ TURN(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + a + w[i - 7] + b;
    }
    memcpy(v, d->state, sizeof(v));
    for (int i = 0; i < 64; i++) {
        uint32_t a = v[7] + (TURN(v[4], 6) ^ TURN(v[4], 11) ^ TURN(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6]))
            + constants[i] + w[i];
        uint32_t b = (TURN(v[0], 2) ^ TURN(v[0], 13) ^ TURN(v[0], 22))
            + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof(v[0]));
        v[4] += a;
        v[0] = a + b;
    }
    for (int i = 0; i < 8; i++) {
        d->state[i] += v[i];
    }
}

static void update(struct digest *d, const char *bytes, long size)
{
    while (size > 0) {
        long at = (long) (d->size % 64), part = 64 - at < size ? 64 - at : size;
        memcpy(d->block + at, bytes, (size_t) part);
        d->size += (uint64_t) part;
        bytes += part;
        size -= part;
        if (d->size % 64 == 0) {
            block(d);
        }
    }
}

static void final(struct digest *d, char *hex)
{
    uint64_t bits = d->size * 8;
    char bytes[8];
    update(d, "\x80", 1);
    while (d->size % 64 != 56) {
        update(d, "", 1);
    }
    for (int i = 0; i < 8; i++) {
        bytes[i] = (char) (bits >> (56 - 8 * i));
    }
    update(d, bytes, 8);
    for (int i = 0; i < 8; i++) {
        sprintf(hex + 8 * i, "%08x", d->state[i]);
    }
}

/* ---- answers ---- */

static void with(struct request *request, int status, const char *name, const char *value, const char *content)
{
    char length[24];
    sprintf(length, "%zu", strlen(content));
    unit_begin(request, status, (const char *const[]) {"Content-Type", "text/plain", "Content-Length", length, name,
        value, NULL});
    unit_write(request, content, (long) strlen(content));
    unit_end(request, DATA);
}

static void text(struct request *request, const char *content)
{
    with(request, 200, NULL, NULL, content);
}

static void digest(struct request *request)
{
    struct digest d = {.size = 0};
    char buffer[65536], answer[100];
    long part;
    memcpy(d.state, initial, sizeof(initial));
    while ((part = unit_read(request, buffer, sizeof(buffer))) > 0) {
        update(&d, buffer, part);
    }
    int length = sprintf(answer, "%llu ", (unsigned long long) d.size);
    final(&d, answer + length);
    text(request, answer);
}

static void bytes(struct request *request, long size, int sized)
{
    char length[24];
    sprintf(length, "%ld", size);
    unit_begin(request, 200, (const char *const[]) {"Content-Type", "application/octet-stream",
        sized ? "Content-Length" : NULL, length, NULL});
    while (size > 0) {
        long part = size < BLOCK ? size : BLOCK;
        unit_write(request, pattern, part);
        size -= part;
    }
    unit_end(request, DATA);
}

static void dying(struct request *request)
{
    (void) request;
    fprintf(stderr, "last words\n");
    kill(getpid(), SIGKILL);
    pause();
}

static void garbage(void)
{
    for (int fd = 3; fd < 64; fd++) {
        send(fd, "garbage", 7, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

static void echo(struct request *request)
{
    char answer[4096];
    struct request_head *head = request->head;
    const char *field = unit_field(request, "x-field");
    snprintf(answer, sizeof(answer), "%s %s %s %s %s|%s|%s|%s|%d %d %d %s", TEXT(head->method), TEXT(head->target_at),
        TEXT(head->path), head->query_length > 0 ? TEXT(head->query) : "", TEXT(head->version), TEXT(head->remote),
        TEXT(head->local_addr), TEXT(head->server_name), head->tls, head->websocket, (int) head->content_length,
        field == NULL ? "-" : field);
    text(request, answer);
}

/* Head and body in one message. */
static void whole(struct request *request, long size)
{
    struct response_head head = {.status = 200, .piggyback_length = (uint32_t) size};
    struct record record;
    char *at;
    head.piggyback = (uint32_t) (sizeof(head) - offsetof(struct response_head, piggyback));
    unit_claim(request->context, request->port, (long) sizeof(head) + size, &record, &at);
    memcpy(at, &head, sizeof(head));
    for (long i = 0; i < size; i++) {
        at[sizeof(head) + (size_t) i] = pattern[i % PERIOD];
    }
    unit_reply(request, DATA, 1, 1, &record, sizeof(record));
    unit_forget(request);
}

/* Sends what it gets back, and after a pause when it is binary; answers a close. */
static void frame(struct request *request, char *frame, long size)
{
    if (frame == NULL) {
        fprintf(stderr, "the client of a WebSocket is gone\n");
        unit_end(request, DATA);
        return;
    }
    int opcode = frame[0] & 15, head = 2;
    uint64_t length = frame[1] & 127;
    if (length == 126) {
        length = (uint64_t) (frame[2] & 255) << 8 | (frame[3] & 255);
        head = 4;
    } else if (length == 127) {
        length = 0;
        for (int i = 2; i < 10; i++) {
            length = length << 8 | (frame[i] & 255);
        }
        head = 10;
    }
    if ((frame[1] & 128) == 0 || head + 4 + (long) length != size) {
        fprintf(stderr, "[alert] a frame of %ld bytes\n", size);
        exit(1);
    }
    char *answer = malloc((size_t) head + length);
    memcpy(answer, frame, (size_t) head);
    answer[1] &= 127;
    for (uint64_t i = 0; i < length; i++) {
        answer[(size_t) head + i] = frame[(size_t) head + 4 + i] ^ frame[head + (int) (i % 4)];
    }
    if (opcode == 2) {
        usleep(1000);
    }
    unit_write(request, answer, head + (long) length);
    free(answer);
    if (opcode == 8) {
        unit_end(request, DATA);
    }
}

static void woken(struct request *request, const char *pid)
{
    if (fork() == 0) {
        for (int i = 0; i < 20000; i++) {
            kill(getppid(), SIGURG);
        }
        _exit(0);
    }
    wait(NULL);
    text(request, pid);
}

static struct request *held[64];
static int holding;

/* Answers when there are so many. */
static void together(struct request *request, int count)
{
    char answer[24];
    held[holding++] = request;
    if (holding >= count) {
        sprintf(answer, "%d", holding);
        while (holding > 0) {
            text(held[--holding], answer);
        }
    }
}

static int answer(struct request *request)
{
    const char *path = TEXT(request->head->path);
    long argument = request->head->query_length > 0 ? atol(TEXT(request->head->query)) : 0;
    char pid[24];
    sprintf(pid, "%d", getpid());
#define IS(name) (strcmp(path, "/" name) == 0)
    if (IS("hello")) {
        text(request, "Hello world\n");
    } else if (IS("digest")) {
        digest(request);
    } else if (IS("bytes") || IS("sized")) {
        bytes(request, argument, IS("sized"));
    } else if (IS("pid")) {
        text(request, pid);
    } else if (IS("sleep")) {
        usleep((useconds_t) argument * 1000);
        text(request, pid);
    } else if (IS("status")) {
        with(request, (int) argument, NULL, NULL, "body");
    } else if (IS("split")) {
        with(request, 200, "X-Split", "a\r\nX-Evil: b", "body");
    } else if (IS("splitname")) {
        with(request, 200, "X-Split: a\nX-Evil", "b", "body");
    } else if (IS("field") && argument > 10 << 20) {
        fprintf(stderr, "requested buffer (%ld) too big\n", argument);
        unit_end(request, RPC_ERROR);
    } else if (IS("field")) {
        char *value = malloc((size_t) argument + 1);
        memset(value, 'x', (size_t) argument);
        value[argument] = 0;
        with(request, 200, "X-Long", value, "body");
        free(value);
    } else if (IS("nothing")) {
        fprintf(stderr, "[alert] nothing to say\n");
        unit_end(request, RPC_ERROR);
    } else if (IS("empty")) {
        unit_end(request, DATA);
    } else if (IS("raise")) {
        fprintf(stderr, "raised by the application\n");
        unit_end(request, RPC_ERROR);
    } else if (IS("half")) {
        unit_begin(request, 200, (const char *const[]) {"Content-Type", "text/plain", NULL});
        unit_write(request, "some bytes", 10);
        fprintf(stderr, "raised after the head\n");
        unit_end(request, RPC_ERROR);
    } else if (IS("exit")) {
        fprintf(stderr, "last words\n");
        exit((int) argument);
    } else if (IS("killed")) {
        dying(request);
    } else if (IS("killedreading")) {
        char few[10];
        unit_read(request, few, sizeof(few));
        dying(request);
    } else if (IS("killedsending")) {
        unit_begin(request, 200, (const char *const[]) {"Content-Type", "text/plain", NULL});
        unit_write(request, "some bytes", 10);
        dying(request);
    } else if (IS("fork")) {
        if (fork() == 0) {
            _exit(0);
        }
        wait(NULL);
        text(request, pid);
    } else if (IS("woken")) {
        woken(request, pid);
    } else if (IS("closed")) {
        close_range(3, 256, 0);
        text(request, "Hello world\n");
    } else if (IS("garbage")) {
        garbage();
        text(request, "Hello world\n");
    } else if (IS("echo")) {
        echo(request);
    } else if (IS("together")) {
        together(request, (int) argument);
    } else if (IS("ws") && request->head->websocket) {
        unit_begin(request, 101, (const char *const[]) {"X-Socket", "yes", NULL});
    } else if (IS("whole")) {
        whole(request, argument);
    } else if (IS("small")) {
        unit_begin(request, 200, (const char *const[]) {"Content-Type", "text/plain", NULL});
        for (long i = 0; i < argument; i++) {
            unit_write(request, pattern + 'a', 1000);
        }
        unit_end(request, DATA);
    } else {
        with(request, 404, NULL, NULL, "");
    }
    return 0;
}

static void *serve(void *context)
{
    struct request *request;
    while ((request = unit_next(context)) != NULL) {
        answer(request);
    }
    return NULL;
}

#define MOST 16

static struct context others[MOST];

int main(int argc, char **argv)
{
    int threads = argc > 1 && atoi(argv[1]) < MOST ? atoi(argv[1]) : 1;
    pthread_t ids[MOST];
    prepare();
    unit_frame = frame;
    if (unit_open() < 0 || unit_ready() < 0) {
        return 1;
    }
    for (int i = 1; i < threads; i++) {
        if (unit_context(&others[i], i) < 0) {
            return 1;
        }
        pthread_create(&ids[i], NULL, serve, &others[i]);
    }
    serve(&unit.main);
    for (int i = 1; i < threads; i++) {
        unit_quit(&others[i]);
    }
    for (int i = 1; i < threads; i++) {
        pthread_join(ids[i], NULL);
    }
    return 0;
}
