# SPDX-License-Identifier: Apache-2.0
# A hook that fails.
on_worker_boot { raise "no such luck" }
