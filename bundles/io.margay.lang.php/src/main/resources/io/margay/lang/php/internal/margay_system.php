<?php
// SPDX-License-Identifier: Apache-2.0
// System calls, messages and log lines of the resident runtime.
//
// The runtime's files are joined in the order margay_system, margay_sapi, margay_context, margay_worker,
// margay_children, margay_prototype, margay_functions and evaluated as one piece, read from an inherited descriptor: no
// file of the server has to exist in the application's root.  Each of them ends by leaving PHP, so that the next one may begin.

namespace Margay {

/** What sendmsg() and recvmsg() want: a new one each time, since a signal may come in between. */
final class Frame
{
    public \FFI\CData $message;
    public \FFI\CData $buffer;
    private \FFI\CData $part;
    private \FFI\CData $control;

    public function __construct(string $data)
    {
        $c = System::$c;
        $this->buffer = $c->new('char[' . strlen($data) . ']');
        \FFI::memcpy($this->buffer, $data, strlen($data));
        $this->part = $c->new('struct iovec');
        $this->part->base = $c->cast('void*', \FFI::addr($this->buffer[0]));
        $this->part->length = strlen($data);
        $this->control = $c->new('struct rights');
        $this->message = $c->new('struct msghdr');
        $this->message->iov = \FFI::addr($this->part);
        $this->message->iovlen = 1;
        $this->message->control = $c->cast('void*', \FFI::addr($this->control));
    }

    /** @param int[] $fds */
    public function rights(array $fds): void
    {
        $this->control->length = 16 + 4 * count($fds);
        $this->control->level = $this->control->type = 1;
        foreach ($fds as $i => $fd) {
            $this->control->fds[$i] = $fd;
        }
        $this->message->controllen = 16 + 4 * (count($fds) + count($fds) % 2);
    }

    public function room(): void
    {
        $this->message->controllen = \FFI::sizeof($this->control);
        $this->control->length = 0;
    }

    /** @return int[] */
    public function fds(): array
    {
        $fds = [];
        if ($this->message->controllen >= 20 && $this->control->level === 1 && $this->control->type === 1) {
            for ($i = 0; $i < ($this->control->length - 16) >> 2; $i++) {
                $fds[] = $this->control->fds[$i];
            }
        }
        return $fds;
    }
}

/** The C library, by FFI: PHP's own functions know neither shared memory nor descriptors by their numbers. */
final class System
{
    const HEADER = 16;
    const MAX_MESSAGE = 65536;
    /** One descriptor fewer than the kernel's SCM_MAX_FD leaves no message on the edge. */
    const MAX_FDS = 252;
    const RPC_READY = 0;
    const RPC_ERROR = 1;
    const START_PROCESS = 2;
    const CHANGE_FILE = 12;
    const PROCESS_CREATED = 18;
    const PROCESS_READY = 19;
    const WHOAMI = 20;
    const REMOVE_PID = 21;
    const QUIT = 22;
    const REQ_HEADERS_ACK = 24;
    const REQ_BODY = 25;
    const DATA = 27;
    /**
     * Tells a worker, which sleeps in recv() on the shared queue, to read its own control socket.  It is SIGURG, since
     * PHP gives every signal its default meaning back at the end, unblocked, and that of SIGURG is to be ignored.
     */
    const WAKE = 23;
    const EINTR = 4;
    const EAGAIN = 11;
    const DONTWAIT = 0x40;
    const NOSIGNAL = 0x4000;
    const SEQPACKET = 5;
    const CLOEXEC = 0x80000;
    const CLOEXEC_FDS = 0x40000000;

    private const C = <<<'C'
        struct iovec { void *base; size_t length; };
        struct msghdr { void *name; uint32_t namelen; struct iovec *iov; size_t iovlen; void *control;
            size_t controllen; int flags; };
        struct rights { size_t length; int level; int type; int fds[254]; };
        struct pollfd { int fd; short events; short revents; };
        struct request { uint32_t stream; int32_t pid; uint16_t loop; uint8_t type; uint8_t last; uint32_t part;
            uint8_t flags; uint8_t target; uint16_t pad; uint32_t head; uint32_t body; uint32_t low; uint32_t high; };
        long recv(int fd, void *to, size_t length, int flags);
        long send(int fd, const char *from, size_t length, int flags);
        long recvmsg(int fd, struct msghdr *message, int flags);
        long sendmsg(int fd, struct msghdr *message, int flags);
        long read(int fd, void *to, size_t length);
        long write(int fd, const char *from, size_t length);
        long lseek(int fd, long at, int from);
        void *mmap(void *at, size_t length, int protection, int flags, int fd, long offset);
        int socketpair(int domain, int type, int protocol, int *pair);
        int poll(struct pollfd *fds, unsigned long count, int timeout);
        int signalfd(int fd, uint64_t *signals, int flags);
        int open(const char *path, int flags, ...);
        int close(int fd);
        int dup3(int from, int to, int flags);
        int dup2(int from, int to);
        int fcntl(int fd, int order, ...);
        int kill(int pid, int signal);
        void _exit(int status);
        void *localtime(long *time);
        size_t strftime(char *to, size_t size, const char *format, void *time);
        int *__errno_location(void);
        C;

    public static \FFI $c;
    /** The process as the rest of the server knows it, and what stands before each text of a worker. */
    public static int $pid = 0;
    public static string $mark = '';
    /** Where requests are received, and nothing else, since a signal may come at any time. */
    public static \FFI\CData $buffer;

    public static function open(): void
    {
        self::$c = \FFI::cdef(self::C);
        self::$pid = getmypid();
        self::$buffer = self::$c->new('char[' . (self::MAX_MESSAGE + 1) . ']');
    }

    public static function error(): int
    {
        return self::$c->__errno_location()[0];
    }

    /** One line of the server's log format, written by one write(2). */
    public static function log(string $level, string $text, int $stream = 0): void
    {
        // PHP has a time zone of its own.
        $now = self::$c->new('long[1]');
        $now[0] = time();
        $date = self::$c->new('char[32]');
        self::$c->strftime($date, 32, '%Y/%m/%d %H:%M:%S', self::$c->localtime($now));
        $line = \FFI::string($date) . " [$level] " . self::$pid . '#' . self::$pid . ' ' . self::$mark
            . ($stream ? "#$stream: " : '') . strtr(trim($text), "\n", ' ');
        $line = substr($line, 0, 2047) . "\n";
        self::$c->write(2, $line, strlen($line));
    }

    /** What programs that the application starts must not inherit. */
    public static function adopt(int $fd): int
    {
        self::$c->fcntl($fd, 2, 1);
        return $fd;
    }

    /** @return int[] */
    public static function pair(): array
    {
        $pair = self::$c->new('int[2]');
        if (self::$c->socketpair(1, self::SEQPACKET | self::CLOEXEC, 0, $pair) < 0) {
            throw new \RuntimeException('socketpair() failed (' . self::error() . ')');
        }
        return [$pair[0], $pair[1]];
    }

    /** Makes a number stand for what another descriptor stands for. */
    public static function redirect(int $from, int $number): void
    {
        self::$c->dup2($from, $number);
    }

    public static function close(int ...$fds): void
    {
        foreach ($fds as $fd) {
            self::$c->close($fd);
        }
    }

    /** Sends one message with descriptors; false when the peer has gone, or there is no room and it may not wait. */
    public static function transmit(int $fd, int $type, int $stream, string $payload = '', array $fds = [],
        int $last = 1, ?int $pid = null, int $flags = 0): bool
    {
        $data = pack('VlvCCV', $stream, $pid ?? self::$pid, 0, $type, $last, 0) . $payload;
        if (!$fds) {
            return self::send($fd, $data, $flags);
        }
        $frame = new Frame($data);
        $frame->rights($fds);
        do {
            $sent = self::$c->sendmsg($fd, \FFI::addr($frame->message), $flags | self::NOSIGNAL);
        } while ($sent < 0 && self::error() === self::EINTR);
        return $sent >= 0;
    }

    public static function send(int $fd, string $data, int $flags = 0): bool
    {
        do {
            $sent = self::$c->send($fd, $data, strlen($data), $flags | self::NOSIGNAL);
        } while ($sent < 0 && self::error() === self::EINTR);
        return $sent >= 0;
    }

    /**
     * One message as type, stream, payload and descriptors, which are close-on-exec; null at the end, and false when
     * there is none yet.  The type of what is no message is -1.
     *
     * @return array{int, int, string, int[]}|false|null
     */
    public static function receive(int $fd, bool $wait = true): array|false|null
    {
        $frame = new Frame(str_repeat("\0", 16384));
        do {
            $frame->room();
            $got = self::$c->recvmsg($fd, \FFI::addr($frame->message),
                self::CLOEXEC_FDS | ($wait ? 0 : self::DONTWAIT));
        } while ($got < 0 && self::error() === self::EINTR);
        if ($got <= 0) {
            return $got < 0 && self::error() === self::EAGAIN ? false : null;
        }
        $fds = $frame->fds();
        $data = \FFI::string($frame->buffer, $got);
        if ($got < self::HEADER) {
            self::close(...$fds);
            return [-1, 0, '', []];
        }
        $words = unpack('Vstream/lpid/vloop/Ctype', $data);
        return [$words['type'], $words['stream'], substr($data, self::HEADER), $fds];
    }

    /** Ends this process without running anything of the application. */
    public static function leave(int $status): never
    {
        self::$c->_exit($status);
        exit($status);
    }

    /** The lines of an exception as PHP itself would write them. */
    public static function describe(\Throwable $error): array
    {
        return explode("\n", 'Uncaught ' . $error . "\n  thrown in " . $error->getFile() . ' on line '
            . $error->getLine());
    }
}

}
?>
