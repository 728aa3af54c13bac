<?php
// SPDX-License-Identifier: Apache-2.0
throw new RuntimeException('no such database');
