# SPDX-License-Identifier: Apache-2.0
other = 1
