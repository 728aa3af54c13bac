# SPDX-License-Identifier: Apache-2.0
"""Many requests at a time on the event loop of a thread: contexts of ASGI."""

# More requests than that wait for another context.
MAX_ACTIVE = 16384


class Channel:
    """The socket to one loop of the router, with the requests of that loop."""

    __slots__ = ("context", "number", "sock", "send", "active", "queue")

    def __init__(self, context, number, sock):
        self.context = context
        self.number = number
        self.sock = sock
        sock.setblocking(False)
        self.send = sock.send
        self.active = {}
        self.queue = []

    def open(self):
        self.context.loop.add_reader(self.sock.fileno(), self.on_message)

    def close(self):
        self.context.loop.remove_reader(self.sock.fileno())
        self.context.loop.remove_writer(self.sock.fileno())

    def transmit(self, message):
        """Sends a message; a future when it has to wait for its turn."""
        if not self.queue:
            try:
                self.send(message)
                return None
            except BlockingIOError:
                self.context.loop.add_writer(self.sock.fileno(), self.on_writable)
            except OSError:
                self.context.lost()
                return None
        future = self.context.loop.create_future()
        self.queue.append((message, future))
        return future

    def on_writable(self):
        sent = 0
        try:
            for message, future in self.queue:
                self.send(message)
                sent += 1
                if not future.done():
                    future.set_result(None)
        except BlockingIOError:
            pass
        except OSError:
            self.context.lost()
            return
        del self.queue[:sent]
        if not self.queue:
            self.context.loop.remove_writer(self.sock.fileno())

    def on_message(self):
        try:
            message = receive(self.sock, MAX_MESSAGE)
        except BlockingIOError:
            return
        except OSError:
            message = None
        if message is None:
            self.context.lost()
            return
        stream, kind, payload, fds = message
        request = self.active.get(stream)
        if request is None:
            close_all(fds)
        elif kind == REQ_BODY:
            request.on_body(fds)
        else:
            close_all(fds)
            if kind == RPC_ERROR:
                request.on_gone()
            elif kind == SHM_ACK:
                request.on_room()
            elif kind == WEBSOCKET and payload:
                request.on_frame(payload)

    def abandon(self):
        """Nobody is at the other end any more."""
        for _, future in self.queue:
            if not future.done():
                future.set_result(None)
        self.queue.clear()
        for request in list(self.active.values()):
            request.on_gone()


class LoopContext:
    """One thread's place: as many requests as come."""

    def __init__(self, worker, slot):
        self.worker = worker
        self.slot = slot * SLOT_WORDS
        self.channels = []
        self.lines = {}
        self.heads = {}
        self.lifespans = []
        self.states = []
        self.count = 0
        self.served = 0
        self.last = None
        self.reading = False
        self.leaving = False
        self.loop = None
        self.left = None
        self.failure = None
        # Of threads beside the main one.
        self.prepared = threading.Event()
        self.connected = threading.Event()

    # ---- life ---------------------------------------------------------

    def start(self):
        """Makes the loop and starts the application on it."""
        self.loop = new_loop(self.worker.log)
        asyncio.set_event_loop(self.loop)
        self.left = self.loop.create_future()
        try:
            self.loop.run_until_complete(self._startup())
        except LifespanFailure as e:
            self.failure = "Application startup failed: %s" % e

    async def _startup(self):
        for target in self.worker.targets:
            lifespan = Lifespan(self.worker, self.loop, target)
            self.lifespans.append(lifespan)
            self.states.append(lifespan.state)
            await lifespan.startup()

    def connect(self, replies):
        self.channels = [Channel(self, number, sock) for number, sock in enumerate(replies)]

    def serve(self):
        self.loop.run_until_complete(self._serve())
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    async def _serve(self):
        for channel in self.channels:
            channel.open()
        self._read(True)
        if self.worker.loops_of.quitting:
            self.stop()
        await self.left
        for channel in self.channels:
            while channel.queue:
                await channel.queue[-1][1]
            channel.close()
        for lifespan in self.lifespans:
            await lifespan.shutdown()

    def _read(self, on):
        if on != self.reading:
            self.reading = on
            number = self.worker.request.fileno()
            if on:
                self.loop.add_reader(number, self.on_request)
            else:
                self.loop.remove_reader(number)

    def stop(self):
        """Takes no request any more; ends when those that run are done."""
        self.leaving = True
        self._read(False)
        if self.count == 0 and not self.left.done():
            self.left.set_result(None)

    def lost(self):
        """The router has gone or gave this worker up."""
        for channel in self.channels:
            channel.close()
            channel.abandon()
        self.worker.quit()

    def run_thread(self):
        try:
            self.start()
            self.prepared.set()
            if self.failure is None:
                self.connected.wait()
                self.serve()
        except BaseException as e:
            self.worker.leave(e)

    # ---- requests -----------------------------------------------------

    def on_request(self):
        last = self.last
        if last is not None:
            # The slot has room for one; of the others the router must know.
            self.last = None
            self.note(last)
        try:
            data = self.worker.take(65536)
        except BlockingIOError:
            # Another process or thread was faster.
            return
        if not data:
            self.worker.quit()
            return
        (stream, _, number, _, _, _, _, _, flags, target, _, head, inline, length) = \
            REQUEST.unpack_from(data)
        slots, slot = self.worker.slots, self.slot
        slots[slot + SLOT_LOOP] = number
        slots[slot + SLOT_STREAM] = stream
        if slots[CANCELLED] and self._cancelled(stream, number):
            slots[slot + SLOT_STREAM] = 0
            return
        channel = self.channels[number]
        end = REQUEST_SIZE + head
        if flags & FLAG_WEBSOCKET:
            request, scope = SocketRequest(self, channel, stream), socket_scope
        else:
            by_file = 1 if flags & FLAG_BODY_FD else 0
            request, scope = HttpRequest(self, channel, stream, data, end, inline,
                                         length if by_file else inline, by_file), http_scope
        channel.active[stream] = self.last = request
        self.count += 1
        slots[slot + SLOT_ACTIVE] = self.count
        if self.count >= MAX_ACTIVE:
            self._read(False)
        request.task = self.loop.create_task(
            self._run(request, target, scope, data[REQUEST_SIZE:end], flags))

    def _cancelled(self, stream, number):
        slots = self.worker.slots
        at = CANCELS + ((stream + 31 * number & 4095) << 1)
        return slots[at] == stream and slots[at + 1] == number

    async def _run(self, request, target, scope, head, flags):
        worker = self.worker
        entry = worker.targets[target]
        try:
            await start_asgi(worker, entry, scope(head, flags, entry[1], self.states[target]),
                             request.receive, request.send, request.stream)
        except Failure:
            request.fail()
        except SystemExit:
            request.fail()
            raise
        except BaseException:
            if not request.gone:
                worker.trouble("Python failed to call 'future.result()'", request.stream, "error")
            request.fail()
        else:
            request.complete()
        finally:
            self._finish(request)

    def _finish(self, request):
        if self.worker.alien:
            self.worker.end_alien()
        stream, channel = request.stream, request.channel
        request.close()
        request.task = None
        del channel.active[stream]
        slots, slot = self.worker.slots, self.slot
        self.served = self.served + 1 & 0xffffffff
        self.count -= 1
        slots[slot + SLOT_COUNT] = self.served
        slots[slot + SLOT_ACTIVE] = self.count
        if request is self.last:
            self.last = None
        if slots[slot + SLOT_STREAM] == stream and slots[slot + SLOT_LOOP] == channel.number:
            slots[slot + SLOT_STREAM] = 0
        if self.leaving:
            if self.count == 0 and not self.left.done():
                self.left.set_result(None)
        elif not self.reading:
            self._read(True)

    # ---- messages of requests -----------------------------------------

    def _message(self, request, kind, last, flags):
        request.noted = True
        return HEADER.pack(request.stream, self.worker.pid, 0, kind, last, flags, 0, 0)

    def note(self, request):
        """Tells the router who has the request, unless an answer did."""
        if not request.noted:
            request.channel.transmit(self._message(request, REQ_HEADERS_ACK, 1, PART_SHARED))

    def fetch(self, request):
        request.channel.transmit(self._message(request, REQ_HEADERS_ACK, 0, PART_SHARED))

    def send(self, request, data, last, flags):
        return request.channel.transmit(self._message(request, DATA, last, flags) + data)

    def refuse(self, request):
        request.channel.transmit(self._message(request, RPC_ERROR, 1, PART_SHARED))


class Loops:
    """The event loops of a worker, one per thread."""

    def __init__(self, worker):
        global asyncio
        import asyncio
        self.worker = worker
        self.quitting = False
        self.contexts = [LoopContext(worker, worker.slot + index)
                         for index in range(worker.threads)]
        worker.loops_of = self

    def run(self):
        worker = self.worker
        first, others = self.contexts[0], self.contexts[1:]
        threads = worker.start_threads([context.run_thread for context in others])
        first.start()
        for context in others:
            context.prepared.wait()
        for context in self.contexts:
            if context.failure is not None:
                raise StartFailure(context.failure)
        try:
            worker.connect(lambda index, replies: self.contexts[index].connect(replies))
        except (BrokenPipeError, ConnectionResetError):
            # The router has gone meanwhile; nobody waits for this worker.
            return
        for context in others:
            context.connected.set()
        # A loop that is written in C may not run the handler of the signal.
        first.loop.add_reader(worker.control.fileno(), worker.on_wake, WAKE, None)
        first.serve()
        for thread in threads:
            thread.join()

    def forget(self, sock):
        """The main loop watches the socket no more; from a signal handler."""
        loop = self.contexts[0].loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(loop.remove_reader, sock.fileno())

    def quit(self):
        """Lets all loops end; from any thread, and from a signal handler."""
        self.quitting = True
        for context in self.contexts:
            loop = context.loop
            if loop is not None:
                try:
                    loop.call_soon_threadsafe(context.stop)
                except RuntimeError:
                    # The loop has ended already.
                    pass


def new_loop(log):
    """The fastest event loop that the application's environment has."""
    try:
        return importlib.import_module("uvloop").new_event_loop()
    except ImportError:
        pass
    except Exception as e:
        # One that is made for another version of Python, for instance.
        log("warn", "uvloop cannot be used: %r" % (e,))
    return asyncio.new_event_loop()
