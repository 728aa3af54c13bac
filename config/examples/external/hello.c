/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application in C that greets and counts. The demo compiles it with a client of the protocol that is in the sources
 * of the server; with the library of NGINX Unit it would be as long.
 */
#include "unit.h"
#include <stdio.h>

int main(void)
{
    const char *const fields[] = {"Content-Type", "text/plain", NULL};
    struct request *request;
    if (unit_open() < 0 || unit_ready() < 0) {
        return 1;
    }
    for (long served = 1; (request = unit_next(&unit.main)) != NULL; served++) {
        char answer[4096];
        int size = snprintf(answer, sizeof(answer), "Hello from C, request %ld %s\n", served,
            TEXT(request->head->path));
        unit_begin(request, 200, fields);
        unit_write(request, answer, size < (int) sizeof(answer) ? size : (int) sizeof(answer) - 1);
        unit_end(request, DATA);
    }
    return 0;
}
