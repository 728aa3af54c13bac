# SPDX-License-Identifier: Apache-2.0
Process.kill("KILL", Process.pid)
sleep 60
