# SPDX-License-Identifier: Apache-2.0
import nothing_of_that_name
