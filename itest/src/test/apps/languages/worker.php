<?php
// SPDX-License-Identifier: Apache-2.0
// The questions that the test of all languages asks, by workers that stay.
require __DIR__ . '/answers.php';

while (margay_handle_request(answer(...))) {
    // The next one.
}
