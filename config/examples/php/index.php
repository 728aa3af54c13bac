<?php
// SPDX-License-Identifier: Apache-2.0
// The application of `./margay demo --language php`: greets, and shows what the server told it of the request.

header('Content-Type: text/plain');
echo "Hello from Margay.\n\n";
foreach (['REQUEST_METHOD', 'REQUEST_URI', 'QUERY_STRING', 'REMOTE_ADDR', 'SERVER_PROTOCOL'] as $name) {
    echo $name, ': ', $_SERVER[$name], "\n";
}
