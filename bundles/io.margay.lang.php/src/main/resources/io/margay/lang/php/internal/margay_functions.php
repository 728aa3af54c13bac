<?php
// SPDX-License-Identifier: Apache-2.0
// What scripts call.

namespace {

/**
 * Waits for a request and calls the handler for it.
 *
 * @return bool false when the process is to end
 */
function margay_handle_request(callable $handler): bool
{
    return (Margay\Worker::$current ?? Margay\Prototype::$it->worker())->handle($handler);
}

/** Completes the answer; the handler goes on without the client. */
function margay_finish_request(): bool
{
    return Margay\Worker::$current !== null && Margay\Worker::$current->release();
}

if (!function_exists('fastcgi_finish_request')) {
    function fastcgi_finish_request(): bool
    {
        return margay_finish_request();
    }
}

if (!function_exists('getallheaders')) {
    function getallheaders(): array
    {
        $headers = [];
        foreach ($_SERVER as $name => $value) {
            if (str_starts_with($name, 'HTTP_')) {
                $headers[strtr(ucwords(strtolower(strtr(substr($name, 5), '_', ' '))), ' ', '-')] = $value;
            }
        }
        return $headers;
    }
}

if (!function_exists('apache_request_headers')) {
    function apache_request_headers(): array
    {
        return getallheaders();
    }
}

}
?>
