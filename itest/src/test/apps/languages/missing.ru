# SPDX-License-Identifier: Apache-2.0
require "nowhere_to_be_found"
