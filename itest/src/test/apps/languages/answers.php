<?php
// SPDX-License-Identifier: Apache-2.0
// The questions that the test of all languages asks; each path is one.

function text(string $content, int $status = 200): void
{
    http_response_code($status);
    header('Content-Type: text/plain');
    header('Content-Length: ' . strlen($content));
    echo $content;
}

function die_now(): void
{
    file_put_contents('php://stderr', "last words\n");
    posix_kill(getmypid(), 9);
    sleep(60);
}

function pattern(int $left): void
{
    $pattern = str_repeat(implode('', array_map('chr', range(0, 250))), 256);
    while ($left > 0) {
        echo $left < strlen($pattern) ? substr($pattern, 0, $left) : $pattern;
        $left -= strlen($pattern);
    }
}

function answer(): void
{
    while (ob_get_level() > 0) {
        // So that flush() sends what there is.
        ob_end_flush();
    }
    $argument = $_SERVER['QUERY_STRING'];
    switch (substr(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH), 1)) {
        case 'hello':
            text("Hello world\n");
            break;
        case 'digest':
            $digest = hash_init('sha256');
            $body = fopen('php://input', 'r');
            $size = 0;
            while (($part = fread($body, 65536)) !== '' && $part !== false) {
                hash_update($digest, $part);
                $size += strlen($part);
            }
            text($size . ' ' . hash_final($digest));
            break;
        case 'bytes':
            header('Content-Type: application/octet-stream');
            pattern((int) $argument);
            break;
        case 'sized':
            header('Content-Length: ' . (int) $argument);
            pattern((int) $argument);
            break;
        case 'pid':
            text((string) getmypid());
            break;
        case 'software':
            text($_SERVER['SERVER_SOFTWARE']);
            break;
        case 'sleep':
            // A signal ends a sleep early.
            $end = hrtime(true) + 1_000_000 * (int) $argument;
            while (($left = $end - hrtime(true)) > 0) {
                usleep(intdiv($left, 1000) + 1);
            }
            text((string) getmypid());
            break;
        case 'raise':
            throw new Exception('raised by the application');
        case 'half':
            header('Content-Type: text/plain');
            echo 'some bytes';
            flush();
            throw new Exception('raised after the head');
        case 'killed':
            die_now();
            break;
        case 'killedreading':
            fread(fopen('php://input', 'r'), 10);
            die_now();
            break;
        case 'killedsending':
            header('Content-Type: text/plain');
            echo 'some bytes';
            flush();
            die_now();
            break;
        case 'forkreturns':
            $pid = (string) getmypid();
            pcntl_fork();
            text($pid);
            break;
        case 'become':
            pcntl_exec('/bin/sleep', ['300']);
            break;
        case 'status':
            if ((int) $argument > 999) {
                throw new Exception('no status');
            }
            header("HTTP/1.1 $argument Text");
            echo $argument === '204' ? '' : 'body';
            break;
        case 'field':
            header('X-Long: ' . str_repeat('x', (int) $argument));
            text('body');
            break;
        default:
            text('what?', 404);
    }
}
