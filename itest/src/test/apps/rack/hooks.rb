# SPDX-License-Identifier: Apache-2.0
# Notes what was called.
$calls = []
on_worker_boot do
  $booted = Process.pid
  $calls << "worker"
end
on_thread_boot { $calls << "thread" }
on_thread_shutdown { warn "a thread ends" }
on_worker_shutdown { warn "the worker ends" }
