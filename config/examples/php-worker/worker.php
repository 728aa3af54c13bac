<?php
// SPDX-License-Identifier: Apache-2.0
// The application of `./margay demo --language php-worker`: a resident worker. What stands before the handler runs
// once, and all processes are forked from the result.

$greeting = 'Hello from PHP ' . PHP_VERSION;
$seen = 0;

$handler = function () use ($greeting, &$seen): void {
    $seen++;
    header('Content-Type: text/plain');
    echo "$greeting at {$_SERVER['REQUEST_URI']}\n";
    echo 'process ', getmypid(), ", request $seen\n";
};

while (margay_handle_request($handler)) {
    continue;
}
