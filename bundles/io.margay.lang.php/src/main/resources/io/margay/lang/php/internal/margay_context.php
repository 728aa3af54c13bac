<?php
// SPDX-License-Identifier: Apache-2.0
// One request after the other, and what becomes of its answer.

namespace Margay {

/** A process takes one request at a time. */
final class Context
{
    private const REQUEST = 36;
    private const FLAG_TLS = 1;
    private const FLAG_BODY_FD = 2;
    private const ROOM = System::MAX_MESSAGE - System::HEADER;
    /** Bytes of an answer that wait for more. */
    private const PIECE = 32768;
    /** Words of the shared memory: of one slot, and where the requests are that nobody waits for any more. */
    private const SLOT = 16;
    private const CANCELS = 4096 * 16;
    private const CANCELLED = self::CANCELS + 4096 * 2;
    const SLOTS = 4 * self::CANCELLED + 64;
    /** Requests from one collection of cycles to the next. */
    private const GARBAGE = 100;

    private \FFI $c;
    private \FFI\CData $buffer;
    private \FFI\CData $request;
    private \FFI\CData $slots;
    private int $slot;
    private int $stream = 0;
    private int $loop = 0;
    private int $served = 0;
    private string $out = '';
    private bool $sent = false;
    private bool $finished = true;
    /** The client has gone: nothing is sent any more. */
    private bool $gone = false;
    private bool $ending = false;
    private string $input = '';
    private int $file = -1;
    private bool $fetch = false;
    private array $base;
    private int $buffered;

    /** @param int[] $replies a socket for each loop of the router */
    public function __construct(private Worker $worker, private Sapi $sapi, private array $replies,
        \FFI\CData $slots, int $slot, private array $conf)
    {
        $this->c = System::$c;
        $this->buffer = System::$buffer;
        $this->request = $this->c->cast('struct request*', \FFI::addr($this->buffer[0]))[0];
        $this->slots = $slots;
        $this->slot = $slot * self::SLOT;
        $this->base = Server::base($conf);
        $this->buffered = (int) ($conf['buffer'] ?? 4096);
    }

    public function attach(): void
    {
        $this->sapi->attach(function ($from, int $length): int {
            $this->write(\FFI::string($from, $length));
            return $length;
        }, function (): void {
            $this->flush();
        }, fn ($to, int $length): int => $this->read($to, $length));
    }

    /** Takes the message that lies in the buffer, and has it handled. */
    public function serve(callable $handler): void
    {
        $request = $this->request;
        $this->slots[$this->slot + 1] = $this->loop = $request->loop;
        $this->slots[$this->slot] = $this->stream = $request->stream;
        $this->out = '';
        $this->sent = $this->finished = $this->gone = false;
        if ($this->slots[self::CANCELLED] === 0 || !$this->isGone()) {
            $this->begin();
            try {
                $handler();
                Worker::stay();
                $this->finish();
            } catch (\Throwable $error) {
                Worker::stay();
                $this->thrown($error);
            }
        }
        $this->end();
    }

    private function begin(): void
    {
        $request = $this->request;
        $head = $request->head;
        $flags = $request->flags;
        $length = $request->low | $request->high << 32;
        $body = $request->body;
        $this->input = $body === 0 ? '' : \FFI::string($this->buffer + self::REQUEST + $head, $body);
        $this->fetch = ($flags & self::FLAG_BODY_FD) !== 0;
        if ($this->fetch) {
            $this->input = '';
        }
        $pairs = explode("\0", \FFI::string($this->buffer + self::REQUEST, $head));
        $server = $this->base;
        for ($i = 1, $n = count($pairs); $i < $n; $i += 2) {
            $server[$pairs[$i - 1]] = $pairs[$i];
        }
        // As HTTP_PROXY it would name the proxy for requests of the application's own.
        unset($server['PATH_INFO'], $server['HTTP_PROXY']);
        if (($flags & self::FLAG_TLS) !== 0) {
            $server['HTTPS'] = 'on';
        }
        if (isset($server['HTTP_AUTHORIZATION'])) {
            Server::credentials($server);
        }
        $server['REQUEST_TIME_FLOAT'] = $now = microtime(true);
        $server['REQUEST_TIME'] = (int) $now;
        $this->sapi->begin($server['REQUEST_METHOD'], $server['QUERY_STRING'], $server['HTTP_COOKIE'] ?? '',
            $server['CONTENT_TYPE'] ?? '', $length);
        $_SERVER = $server;
        if ($this->buffered >= 0) {
            ob_start(null, $this->buffered);
        }
    }

    /** Everything that the application wrote has to go. */
    public function finish(): void
    {
        if ($this->finished) {
            return;
        }
        $this->sapi->finish();
        if (!$this->finished) {
            $this->deliver($this->out, 1);
            $this->out = '';
        }
    }

    /** Ends the request for the server's books, and gives back what it had. */
    private function end(): void
    {
        $this->ending = true;
        if ($this->file >= 0) {
            $this->c->close($this->file);
            $this->file = -1;
        }
        // A buffer that could not be ended is of no use to the next request.
        while (ob_get_level() > 0 && @ob_end_clean()) {
            continue;
        }
        $this->input = '';
        $this->sapi->end();
        if (error_get_last() !== null) {
            error_clear_last();
        }
        $this->ending = false;
        $this->note();
        if ($this->gone) {
            // The interpreter would take the next client for gone, too.
            $this->worker->leave();
        }
        if ($this->served % self::GARBAGE === 0) {
            gc_collect_cycles();
        }
    }

    private function note(): void
    {
        $this->finished = true;
        $this->slots[$this->slot + 2] = ++$this->served & 0xffffffff;
        $this->slots[$this->slot] = $this->stream = 0;
    }

    /** The script ends although a request is not answered yet: by exit(), or by an error that nothing survives. */
    public function last(bool $fatal): void
    {
        if ($this->stream === 0) {
            return;
        }
        if (!$fatal) {
            $this->finish();
        } elseif (!$this->finished) {
            $this->broken('');
        }
        $this->note();
    }

    /** For the application: the client has all that it will get. */
    public function release(): bool
    {
        if ($this->stream === 0 || $this->finished) {
            return false;
        }
        $this->finish();
        return true;
    }

    // ---- request body -----------------------------------------------------

    private function read(\FFI\CData $to, int $length): int
    {
        if ($this->ending) {
            return 0;
        }
        if ($this->fetch) {
            $this->fetch = false;
            $this->file = $this->body();
        }
        if ($this->file >= 0) {
            do {
                $got = $this->c->read($this->file, $to, $length);
            } while ($got < 0 && System::error() === System::EINTR);
            return max(0, $got);
        }
        $part = substr($this->input, 0, $length);
        $this->input = substr($this->input, strlen($part));
        \FFI::memcpy($to, $part, strlen($part));
        return strlen($part);
    }

    /** The descriptor of a body that did not fit into the message; -1 when it is not to be had. */
    private function body(): int
    {
        $reply = $this->replies[$this->loop];
        if (!System::transmit($reply, System::REQ_HEADERS_ACK, $this->stream, last: 0)) {
            return -1;
        }
        $message = System::receive($reply);
        if (!$message) {
            return -1;
        }
        [$type, , , $fds] = $message;
        if ($type !== System::REQ_BODY || count($fds) !== 1) {
            System::close(...$fds);
            return -1;
        }
        // The offset is shared with the server, which wrote the file.
        $this->c->lseek($fds[0], 0, 0);
        return $fds[0];
    }

    // ---- response ---------------------------------------------------------

    /** Whether the client has left. */
    private function isGone(): bool
    {
        $slots = $this->slots;
        if ($slots[self::CANCELLED] === 0) {
            return false;
        }
        $at = self::CANCELS + 2 * ($this->stream + 31 * $this->loop & 4095);
        return $slots[$at] === $this->stream && $slots[$at + 1] === $this->loop;
    }

    private function write(string $data): void
    {
        if ($this->finished) {
            return;
        }
        $this->out = $this->out === '' ? $data : $this->out . $data;
        if (strlen($this->out) >= self::PIECE) {
            $data = $this->out;
            $this->out = '';
            $this->deliver($data, 0);
        }
    }

    private function flush(): void
    {
        if (!$this->finished && ($this->out !== '' || !$this->sent)) {
            $data = $this->out;
            $this->out = '';
            $this->deliver($data, 0);
        } elseif (!$this->finished && $this->isGone()) {
            $this->abort();
        }
    }

    /** Sends the head, if it waits, and the bytes in messages of bounded size. */
    private function deliver(string $data, int $last): void
    {
        if ($this->gone) {
            $this->finished = $this->finished || $last === 1;
            return;
        }
        if (!$this->sent) {
            $this->sent = true;
            $data = $this->head() . $data;
        }
        $reply = $this->replies[$this->loop];
        $head = pack('VlvCCV', $this->stream, System::$pid, 0, System::DATA, 0, 0);
        for ($at = 0; strlen($data) - $at > self::ROOM; $at += self::ROOM) {
            if ($this->isGone()) {
                $this->abort();
                return;
            }
            System::send($reply, $head . substr($data, $at, self::ROOM)) || System::leave(1);
        }
        if ($last === 1) {
            $this->finished = true;
            $head[11] = "\1";
        } elseif ($this->slots[self::CANCELLED] !== 0 && $this->isGone()) {
            $this->abort();
            return;
        }
        System::send($reply, $head . ($at === 0 ? $data : substr($data, $at))) || System::leave(1);
    }

    private function abort(): void
    {
        if (!$this->gone) {
            $this->gone = true;
            $this->out = '';
            $this->sapi->abort();
        }
    }

    private function head(): string
    {
        $head = (http_response_code() ?: 200) . "\r\n";
        foreach (headers_list() as $line) {
            $head .= $line . "\r\n";
        }
        return $head . "\r\n";
    }

    /** The handler has thrown: only this request is over. */
    private function thrown(\Throwable $error): void
    {
        $handler = set_exception_handler(null);
        if ($handler !== null) {
            set_exception_handler($handler);
            try {
                $handler($error);
                $this->finish();
                return;
            } catch (\Throwable $other) {
                $error = $other;
            }
        }
        $lines = System::describe($error);
        foreach ($lines as $line) {
            System::log('error', 'PHP: ' . $line, $this->stream);
        }
        if (!$this->finished) {
            $shown = filter_var(ini_get('display_errors'), FILTER_VALIDATE_BOOLEAN);
            $this->broken($shown ? implode("\n", $lines) . "\n" : '');
        }
    }

    /** Says 500, or cuts an answer that has begun. */
    private function broken(string $text): void
    {
        $reply = $this->replies[$this->loop];
        $this->out = '';
        $this->finished = true;
        if ($this->gone) {
            return;
        }
        if ($this->sent) {
            System::transmit($reply, System::RPC_ERROR, $this->stream);
        } else {
            $this->sent = true;
            System::transmit($reply, System::DATA, $this->stream,
                "500\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n" . substr($text, 0, self::PIECE));
        }
    }
}

/** What $_SERVER has beside the variables of a request. */
final class Server
{
    public static function base(array $conf): array
    {
        $server = getenv();
        $server['SERVER_SOFTWARE'] = 'Unit/' . $conf['version'];
        $server['DOCUMENT_ROOT'] = $conf['root'];
        $server['SCRIPT_FILENAME'] = $conf['root'] . '/' . $conf['worker'];
        $server['SCRIPT_NAME'] = $server['PHP_SELF'] = '/' . $conf['worker'];
        return $server;
    }

    public static function credentials(array &$server): void
    {
        $value = $server['HTTP_AUTHORIZATION'];
        if (strncasecmp($value, 'Basic ', 6) === 0) {
            $pair = explode(':', (string) base64_decode(substr($value, 6)), 2);
            if (count($pair) === 2) {
                [$server['PHP_AUTH_USER'], $server['PHP_AUTH_PW']] = $pair;
            }
        } elseif (strncasecmp($value, 'Digest ', 7) === 0) {
            $server['PHP_AUTH_DIGEST'] = substr($value, 7);
        }
    }
}

}
?>
