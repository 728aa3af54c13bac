<?php
// SPDX-License-Identifier: Apache-2.0
// Read while a request is handled: the interpreter fills variables when it compiles their names.
return json_encode([$_SERVER['REQUEST_URI'] ?? '-', $_SERVER['HTTP_HOST'] ?? '-', $_REQUEST], JSON_UNESCAPED_SLASHES);
