# SPDX-License-Identifier: Apache-2.0
import nowhere_to_be_found
