<?php
// SPDX-License-Identifier: Apache-2.0
// The workers of the prototype: it forks them, forwards orders to them and reports their end.

namespace Margay {

/** A worker as the prototype sees it. */
final class Child
{
    public bool $open = true;
    public bool $ready = false;
    public int $unanswered = 0;
    public float $wakeAt = 0.0;
    public float $pause = 0.0;

    /** @param int $pid 0 until a worker in a namespace of its own has learnt the one that all others use */
    public function __construct(public int $local, public int $pid, public int $control, public int $stream)
    {
    }
}

/** What the prototype does with them. */
trait Children
{
    /** Seconds between two signals to a worker that has not answered yet. */
    private static float $wakeFirst = 0.05;
    private static float $wakeLongest = 2.0;

    /** @var array<int, Child> by local pid */
    private array $children = [];
    private bool $quitting = false;

    private function onQuit(int $stream, string $payload): void
    {
        if (strlen($payload) < 5) {
            $this->quitAll();
            return;
        }
        ['graceful' => $graceful, 'pid' => $pid] = unpack('Cgraceful/lpid', $payload);
        foreach ($this->children as $child) {
            if ($graceful !== 0) {
                if ($child->pid === $pid) {
                    $this->order($child, System::QUIT);
                }
            } elseif ($pid > 0) {
                if ($child->pid === $pid) {
                    $this->kill($child, SIGKILL);
                }
            } elseif ($child->stream === $stream) {
                $this->endStart($child);
            }
        }
    }

    /** Ends a worker whose start takes too long.  Its word that it is ready may be waiting: then it takes requests. */
    private function endStart(Child $child): void
    {
        while (!$child->ready && $this->onChild($child)) {
            continue;
        }
        if (!$child->ready) {
            $this->kill($child, SIGKILL);
        }
    }

    private function kill(Child $child, int $signal): void
    {
        if ($this->c->kill($child->local, $signal) < 0) {
            // Reaped soon.
            $child->unanswered = 0;
        }
    }

    private function quitAll(): void
    {
        $this->quitting = true;
        foreach ($this->children as $child) {
            $this->order($child, System::QUIT);
        }
    }

    /** Puts a message on the worker's control socket and wakes it. */
    private function order(Child $child, int $type, array $fds = []): void
    {
        if ($child->open && System::transmit($child->control, $type, 0, fds: $fds, flags: System::DONTWAIT)) {
            $child->unanswered++;
            $child->pause = self::$wakeFirst;
            $this->wake($child);
        } elseif ($child->open && System::error() === System::EAGAIN) {
            System::log('alert', "sendmsg to process {$child->pid} failed: it reads no orders");
        }
    }

    private function wake(Child $child): void
    {
        $child->wakeAt = self::now() + $child->pause;
        $child->pause = min($child->pause * 2, self::$wakeLongest);
        $this->kill($child, System::WAKE);
    }

    private function repeatWakes(): void
    {
        foreach ($this->children as $child) {
            if ($child->unanswered > 0 && $child->wakeAt <= self::now()) {
                $this->wake($child);
            }
        }
    }

    /** Takes one message of a worker; false when there was none. */
    private function onChild(Child $child): bool
    {
        if (!$child->open) {
            return false;
        }
        $message = System::receive($child->control, false);
        if ($message === false) {
            return false;
        }
        if ($message === null) {
            // Its end follows; a closed socket would be reported for ever.
            $child->open = false;
            $child->unanswered = 0;
            return false;
        }
        [$type, , $payload, $fds] = $message;
        System::close(...$fds);
        if ($type === System::RPC_READY) {
            $child->unanswered = max(0, $child->unanswered - 1);
        } elseif ($type === System::PROCESS_READY) {
            $child->ready = true;
        } elseif ($type === System::PROCESS_CREATED && strlen($payload) === 4) {
            if ($this->isolated) {
                $child->pid = unpack('l', $payload)[1];
            }
        } else {
            // Foreign code wrote it; nothing else that it shares with the server can be relied upon either.
            System::log('alert', "app process {$child->pid} is killed: it sent something that is no message");
            $this->kill($child, SIGKILL);
            // What else it wrote is not worth a line each.
            $child->open = false;
        }
        return true;
    }

    // ---- children ---------------------------------------------------------

    private function startWorker(int $stream, string $payload): ?Worker
    {
        if ($this->quitting || strlen($payload) < 4) {
            System::transmit($this->fds['router'], System::RPC_ERROR, $stream);
            return null;
        }
        ['loops' => $loops, 'slot' => $slot] = unpack('vloops/vslot', $payload);
        [$mine, $its] = System::pair();
        $this->told = $this->reason !== null;
        $pid = pcntl_fork();
        if ($pid === 0) {
            return $this->become($mine, $its, $stream, $loops, $slot);
        }
        System::close($its);
        if ($pid < 0) {
            System::log('alert', "fork() failed for \"{$this->conf['title']}\" application");
            System::transmit($this->fds['router'], System::RPC_ERROR, $stream);
            System::close($mine);
            return null;
        }
        $this->children[$pid] = new Child($pid, $this->isolated ? 0 : $pid, $mine, $stream);
        return null;
    }

    private function become(int $mine, int $its, int $stream, int $loops, int $slot): Worker
    {
        self::$local = getmypid();
        System::close($this->signals, $this->port, ...array_map(fn (Child $child) => $child->control,
            array_values($this->children)));
        $this->children = [];
        cli_set_process_title("unit: \"{$this->conf['title']}\" application");
        $worker = new Worker($this->conf, $this->fds, $this->pid, $its, $stream, $loops, $slot);
        $worker->learn($mine);
        if ($this->reason !== null) {
            $worker->explain($this->reason);
        }
        $worker->redirect();
        pcntl_sigprocmask(SIG_UNBLOCK, [SIGCHLD, SIGTERM, SIGINT, SIGQUIT]);
        $worker->open($this->sapi, $this->slots);
        return $worker;
    }

    private function reap(): void
    {
        while (($pid = pcntl_waitpid(-1, $status, WNOHANG)) > 0) {
            $child = $this->children[$pid] ?? null;
            unset($this->children[$pid]);
            $shown = $child !== null && $child->pid !== 0 && $child->pid !== $pid
                ? "{$child->pid} (isolated $pid)" : (string) $pid;
            if (pcntl_wifsignaled($status)) {
                $core = ($status & 0x80) !== 0 ? ' (core dumped)' : '';
                System::log('alert', "app process $shown exited on signal " . pcntl_wtermsig($status) . $core);
            } else {
                System::log('notice', "app process $shown exited with code " . pcntl_wexitstatus($status));
            }
            if ($child !== null) {
                System::close($child->control);
                // A stream means: the start that it names has failed.
                $stream = $child->ready ? 0 : $child->stream;
                foreach (['router', 'main'] as $peer) {
                    System::transmit($this->fds[$peer], System::REMOVE_PID, $stream, pack('l', $child->pid));
                }
            }
        }
    }
}

}
?>
