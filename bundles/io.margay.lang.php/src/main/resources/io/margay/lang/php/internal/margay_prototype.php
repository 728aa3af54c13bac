<?php
// SPDX-License-Identifier: Apache-2.0
// The prototype: runs the script until it asks for its first request, and forks workers there.

namespace Margay {

/** A loop over its port, its workers and signals. */
final class Prototype
{
    use Children;

    private const NEEDED = ['pcntl_fork', 'pcntl_waitpid', 'pcntl_signal', 'pcntl_async_signals'];

    public static self $it;
    /** The process as it sees itself. */
    public static int $local;

    private \FFI $c;
    /** @var array<string, int> by name: main, router, request */
    private array $fds = [];
    private int $port;
    private int $signals = -1;
    private int $pid;
    private bool $isolated = false;
    private \FFI\CData $slots;
    /** Why the script is of no use, and whether it was told. */
    private ?string $reason = null;
    private bool $told = false;
    private ?Sapi $sapi = null;

    public function __construct(private array $init, private array $conf)
    {
        self::$it = $this;
        self::$local = $this->pid = getmypid();
        System::open();
        $this->c = $c = System::$c;
        $this->port = System::adopt((int) $init['read']);
        foreach (['main', 'router', 'request'] as $name) {
            $this->fds[$name] = System::adopt((int) $init[$name]);
        }
        $memory = $c->mmap(null, Context::SLOTS, 3, 1, (int) $init['slots'], 0);
        $this->slots = $c->cast('uint32_t*', $memory);
        System::close((int) $init['slots'], (int) $init['shim'], (int) $init['application']);
    }

    // ---- start ------------------------------------------------------------

    public function prepare(): void
    {
        foreach ([SIGHUP, SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGQUIT] as $signal) {
            pcntl_signal($signal, static function (): void {
            });
        }
        // Ignored until a worker has its handler, lest an early order kill it.
        pcntl_signal(System::WAKE, SIG_IGN);
        cli_set_process_title("unit: \"{$this->conf['title']}\" prototype");
        if ($this->pid === 1) {
            $this->whoami();
        }
        System::log('info', "\"{$this->conf['title']}\" prototype started");
        register_shutdown_function(fn () => register_shutdown_function(fn () => $this->ended()));
        if (!str_starts_with(PHP_VERSION, $this->conf['php'])) {
            $this->fail("the interpreter is of PHP " . PHP_VERSION . ", not {$this->conf['php']}");
        }
        try {
            $this->sapi = new Sapi();
        } catch (\RuntimeException | \FFI\Exception $e) {
            $this->fail($e->getMessage());
        }
        $this->sapi->fix(isset($this->conf['admin']) ? explode(' ', $this->conf['admin']) : []);
        foreach (Server::base($this->conf) as $name => $value) {
            $_SERVER[$name] = $value;
        }
        chdir($this->conf['root']);
    }

    public function script(): string
    {
        $script = $this->conf['root'] . '/' . $this->conf['worker'];
        if (!is_file($script)) {
            $this->fail("the script \"$script\" does not exist or may not be read");
        }
        return $script;
    }

    /** Process 1 of its own namespace; the others know it by another pid. */
    private function whoami(): void
    {
        $this->isolated = true;
        System::transmit($this->fds['main'], System::WHOAMI, 0, pack('l', (int) $this->init['parent']));
        for (;;) {
            $message = System::receive($this->port) ?? System::leave(1);
            [$type, , $payload, $fds] = $message;
            System::close(...$fds);
            if ($type === System::RPC_READY && strlen($payload) >= 4) {
                $this->pid = System::$pid = unpack('l', $payload)[1];
                return;
            }
            if ($type === System::RPC_ERROR) {
                System::log('alert', 'WHOAMI error');
                System::leave(1);
            }
            if ($type === System::QUIT) {
                System::leave(0);
            }
        }
    }

    /** The script is of no use: the workers that are asked for say why. */
    public function fail(string $reason, ?\Throwable $error = null): never
    {
        System::log('alert', "PHP: $reason");
        if ($error !== null) {
            foreach (System::describe($error) as $line) {
                System::log('alert', "PHP: $line");
            }
            $reason .= ': ' . $error->getMessage() . ' (' . $error::class . ')';
        }
        $this->reason = $reason;
        $this->run();
        System::leave(1);
    }

    /** What the script has thrown and not caught, outside of a request. */
    public function thrown(\Throwable $error): never
    {
        if (Worker::$current !== null) {
            throw $error;
        }
        $this->fail('Failed to run the worker script', $error);
    }

    /** The end of the script, in the prototype: it has never asked for a request. */
    private function ended(): void
    {
        if (Worker::$current !== null || $this->reason !== null || getmypid() !== self::$local) {
            return;
        }
        $error = error_get_last();
        $this->fail('the worker script ended without a call of margay_handle_request()'
            . ($error === null ? '' : ": {$error['message']} in {$error['file']} on line {$error['line']}"));
    }

    /** The worker that this process has become when the script goes on. */
    public function worker(): Worker
    {
        $worker = $this->run();
        if ($worker === null) {
            System::leave(0);
        }
        return $worker;
    }

    // ---- life -------------------------------------------------------------

    /** Returns the worker to be, in a forked process only. */
    private function run(): ?Worker
    {
        $mask = $this->c->new('uint64_t[16]');
        pcntl_sigprocmask(SIG_BLOCK, [SIGCHLD, SIGTERM, SIGINT, SIGQUIT]);
        foreach ([SIGCHLD, SIGTERM, SIGINT, SIGQUIT] as $signal) {
            $mask[0] |= 1 << $signal - 1;
        }
        $this->signals = $this->c->signalfd(-1, \FFI::addr($mask[0]), System::CLOEXEC | 0x800);
        System::transmit($this->fds['main'], System::PROCESS_READY, 0);
        while ($this->children || !$this->quitting && !$this->told) {
            foreach ($this->wait() as $fd) {
                if ($fd === $this->signals) {
                    $this->onSignals();
                } elseif ($fd === $this->port) {
                    $worker = $this->onPort();
                    if ($worker !== null) {
                        return $worker;
                    }
                } else {
                    foreach ($this->children as $child) {
                        if ($child->control === $fd) {
                            $this->onChild($child);
                        }
                    }
                }
            }
            $this->reap();
            $this->repeatWakes();
        }
        return null;
    }

    /** @return int[] the descriptors that have something to read */
    private function wait(): array
    {
        $fds = [$this->signals];
        if ($this->port >= 0) {
            $fds[] = $this->port;
        }
        $timeout = -1;
        foreach ($this->children as $child) {
            if ($child->open) {
                $fds[] = $child->control;
            }
            if ($child->unanswered > 0) {
                $left = max(1, (int) ceil(1000 * ($child->wakeAt - self::now())));
                $timeout = $timeout < 0 ? $left : min($timeout, $left);
            }
        }
        $polls = $this->c->new('struct pollfd[' . count($fds) . ']');
        foreach ($fds as $i => $fd) {
            $polls[$i]->fd = $fd;
            $polls[$i]->events = 1;
        }
        if ($this->c->poll($polls, count($fds), $timeout) <= 0) {
            return [];
        }
        return array_filter($fds, fn (int $i): bool => $polls[$i]->revents !== 0, ARRAY_FILTER_USE_KEY);
    }

    private static function now(): float
    {
        return hrtime(true) / 1e9;
    }

    private function onSignals(): void
    {
        $info = $this->c->new('uint32_t[32]');
        while ($this->c->read($this->signals, $info, 128) === 128) {
            if ($info[0] !== SIGCHLD && !$this->quitting) {
                $this->quitAll();
            }
        }
    }

    private function onPort(): ?Worker
    {
        $message = System::receive($this->port, false);
        if ($message === false) {
            return null;
        }
        if ($message === null) {
            // Main has gone, and with it everybody who could order anything.
            System::close($this->port);
            $this->port = -1;
            $this->quitAll();
            return null;
        }
        [$type, $stream, $payload, $fds] = $message;
        if ($type === System::START_PROCESS) {
            System::close(...$fds);
            return $this->startWorker($stream, $payload);
        }
        if ($type === System::QUIT) {
            $this->onQuit($stream, $payload);
        } elseif ($type === System::CHANGE_FILE && $fds) {
            System::redirect($fds[0], 2);
            foreach ($this->children as $child) {
                $this->order($child, System::CHANGE_FILE, [$fds[0]]);
            }
        }
        System::close(...$fds);
        return null;
    }

    /** The whole of the start but the script itself, which runs where global variables are global. */
    public static function begin(array $init): void
    {
        foreach (self::NEEDED as $function) {
            if (!function_exists($function)) {
                fwrite(STDERR, "PHP: the worker mode needs the function $function(), which this PHP lacks\n");
                exit(1);
            }
        }
        if (!class_exists('FFI') || PHP_ZTS || PHP_VERSION_ID < 80100) {
            fwrite(STDERR, "PHP: the worker mode needs PHP 8.1 or newer without threads, and the extension FFI\n");
            exit(1);
        }
        $words = explode("\0", file_get_contents("php://fd/{$init['application']}"));
        $conf = ['version' => $init['version']];
        for ($i = 1; $i < count($words); $i += 2) {
            $conf[$words[$i - 1]] = $words[$i];
        }
        (new self($init, $conf))->prepare();
    }
}

}
?>
