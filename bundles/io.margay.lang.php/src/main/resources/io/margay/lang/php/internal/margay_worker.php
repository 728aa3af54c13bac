<?php
// SPDX-License-Identifier: Apache-2.0
// An application process: was forked when the script asked for its first request, serves, obeys the prototype and
// leaves without losing a request.

namespace Margay {

/** One application process. */
final class Worker
{
    public static ?self $current = null;

    private Context $context;
    private bool $leaving = false;
    private bool $told = false;
    private int $taken = 0;
    private int $limit;
    private int $memory;

    /** @param array<string, int> $fds by name: main, router, request, slots */
    public function __construct(private array $conf, private array $fds, private int $parent, private int $control,
        private int $start, private int $loops, private int $slot)
    {
        $this->limit = (int) $conf['requests'];
        $this->memory = (int) ($conf['worker_memory'] ?? 0);
    }

    /** Asks main for the pid that the rest of the server knows; main gets the other end of the control socket. */
    public function learn(int $peer): void
    {
        $local = getmypid();
        System::transmit($this->fds['main'], System::WHOAMI, $this->start, pack('l', $this->parent), [$peer],
            pid: $local);
        System::close($peer);
        for (;;) {
            $message = System::receive($this->control) ?? System::leave(1);
            [$type, , $payload, $fds] = $message;
            if ($type === System::CHANGE_FILE && $fds) {
                System::redirect($fds[0], 2);
            } elseif ($type === System::RPC_READY && strlen($payload) >= 4) {
                System::$pid = unpack('l', $payload)[1];
                if ($fds) {
                    $this->leash(array_shift($fds));
                }
                System::close(...$fds);
                break;
            } elseif ($type === System::RPC_ERROR) {
                System::log('alert', 'WHOAMI error');
                System::leave(1);
            } elseif ($type === System::QUIT) {
                System::leave(0);
            }
            System::close(...$fds);
        }
        System::transmit($this->control, System::PROCESS_CREATED, $this->start, pack('l', System::$pid));
        System::log('info', "\"{$this->conf['title']}\" application started");
        System::$mark = '[unit] ';
    }

    /**
     * The other end is main's: when that ends, however it does, the kernel kills this process, be it asleep, stopped
     * or deaf.
     */
    private function leash(int $fd): void
    {
        $c = System::$c;
        $c->fcntl($fd, 8, getmypid());
        $c->fcntl($fd, 10, 9);
        $c->fcntl($fd, 4, $c->fcntl($fd, 3, 0) | 0x2000 | 0x800);
        // Main may have ended before.
        if ($c->recv($fd, System::$buffer, 1, System::DONTWAIT) === 0) {
            System::leave(1);
        }
    }

    /** stdout and stderr of the application, if it has its own; again when the log is reopened. */
    public function redirect(): void
    {
        foreach (['stdout' => 1, 'stderr' => 2] as $name => $number) {
            if (isset($this->conf[$name])) {
                $fd = System::$c->open($this->conf[$name], 02001 | 0100 | System::CLOEXEC, 0666);
                if ($fd < 0) {
                    System::log('error', "open(\"{$this->conf[$name]}\") failed (" . System::error() . ')');
                } else {
                    System::redirect($fd, $number);
                    System::close($fd);
                }
            }
        }
    }

    /** Tells the router, and so the client who changed the configuration, why the start fails. */
    public function explain(string $reason): never
    {
        System::transmit($this->fds['router'], System::RPC_ERROR, $this->start, substr($reason, 0, 1024));
        System::leave(1);
    }

    /** Ready from now on. */
    public function open(Sapi $sapi, \FFI\CData $slots): void
    {
        self::$current = $this;
        foreach ([SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2] as $signal) {
            pcntl_signal($signal, static function (): void {
            });
        }
        pcntl_signal(System::WAKE, fn () => $this->obey(), false);
        pcntl_async_signals(true);
        // Forked processes would all make the same numbers.
        mt_srand(random_int(0, 0x7fffffff));
        srand(random_int(0, 0x7fffffff));
        $mine = $remote = [];
        for ($i = 0; $i < $this->loops; $i++) {
            [$mine[], $remote[]] = System::pair();
        }
        $this->context = new Context($this, $sapi, $mine, $slots, $this->slot, $this->conf);
        $this->context->attach();
        $sapi->end();
        register_shutdown_function(fn () => register_shutdown_function(fn () => $this->ended($sapi)));
        do {
            $part = array_splice($remote, 0, System::MAX_FDS);
            System::transmit($this->fds['router'], System::PROCESS_READY, $this->start, pack('vv', 1, $this->loops),
                $part, $remote ? 0 : 1) || System::leave(1);
            System::close(...$part);
        } while ($remote);
        System::transmit($this->control, System::PROCESS_READY, $this->start);
    }

    /** Waits for a request and has it handled; false when there are no more to come. */
    public function handle(callable $handler): bool
    {
        $c = System::$c;
        $buffer = System::$buffer;
        $request = $this->fds['request'];
        do {
            if ($this->leaving) {
                if ($this->told) {
                    // A script that does not listen would go round for ever.
                    exit(0);
                }
                $this->told = true;
                return false;
            }
            $length = $c->recv($request, $buffer, System::MAX_MESSAGE, 0);
        } while ($length < 0 && System::error() === System::EINTR);
        if ($length <= 0) {
            $this->leaving = true;
            return false;
        }
        if ($this->limit > 0 && ++$this->taken >= $this->limit) {
            $this->leaving = true;
        }
        $this->context->serve($handler);
        if ($this->memory > 0 && !$this->leaving && memory_get_usage(true) > $this->memory) {
            $this->shrink();
        }
        return true;
    }

    private function shrink(): void
    {
        gc_collect_cycles();
        gc_mem_caches();
        $used = memory_get_usage(true);
        if ($used > $this->memory) {
            System::log('notice', "the process has $used bytes, more than \"worker_memory\"; it is replaced");
            $this->leaving = true;
        }
    }

    public function release(): bool
    {
        return $this->context->release();
    }

    public function leave(): void
    {
        $this->leaving = true;
    }

    /** Ends a process that the application has forked and let return. */
    public static function stay(): void
    {
        if (getmypid() !== Prototype::$local) {
            System::log('error', 'a process forked by the application returned from its request; it ends');
            System::leave(1);
        }
    }

    /** The script has ended; behind everything that the application has for this. */
    private function ended(Sapi $sapi): void
    {
        if (getmypid() !== Prototype::$local) {
            System::leave(0);
        }
        $error = error_get_last();
        $fatal = $error !== null
            && ($error['type'] & (E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR
                | E_RECOVERABLE_ERROR)) !== 0;
        $this->context->last($fatal);
        $sapi->detach();
    }

    /** Reads the orders of the prototype; called for a signal. */
    private function obey(): void
    {
        if (getmypid() !== Prototype::$local) {
            return;
        }
        // A message may be under way.
        while (($message = System::receive($this->control, false)) !== false) {
            if ($message === null) {
                // The prototype has gone: nobody would ever stop this process.
                $this->leaving = true;
                return;
            }
            [$type, , , $fds] = $message;
            if ($type === System::QUIT) {
                $this->leaving = true;
            } elseif ($type === System::CHANGE_FILE) {
                if ($fds && !isset($this->conf['stderr'])) {
                    System::redirect($fds[0], 2);
                }
                $this->redirect();
            }
            System::close(...$fds);
            System::transmit($this->control, System::RPC_READY, $type, flags: System::DONTWAIT);
        }
    }
}

}
?>
