<?php
// SPDX-License-Identifier: Apache-2.0
// The questions that the test of all languages asks, by a script that is read at each request.
require __DIR__ . '/answers.php';

answer();
