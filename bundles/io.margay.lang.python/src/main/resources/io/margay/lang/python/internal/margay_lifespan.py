# SPDX-License-Identifier: Apache-2.0
"""Start and end of an ASGI application as the application sees them."""


class LifespanFailure(Exception):
    """The application says that it cannot start."""


class Lifespan:
    """The lifespan task of one target on one loop."""

    def __init__(self, worker, loop, target):
        self.worker = worker
        self.loop = loop
        self.target = target
        self.state = {}
        # 0 before the start, 1 started, 2 the end was announced, 3 ended.
        self.step = 0
        self.received = False
        self.failure = None
        self.started = loop.create_future()
        self.ended = loop.create_future()
        self.leaving = loop.create_future()
        self.task = None

    async def startup(self):
        """Returns when the application is ready, or does not care."""
        self.task = self.loop.create_task(self._run())
        await self.started
        if self.failure is not None:
            raise LifespanFailure(self.failure)

    async def shutdown(self):
        if self.task.done():
            return
        self.step = 2
        self.leaving.set_result(None)
        await self.ended

    async def _run(self):
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"},
                 "state": self.state}
        try:
            await start_asgi(self.worker, self.target, scope, self.receive, self.send)
        except SystemExit:
            raise
        except BaseException:
            # Applications that know nothing of it raise, and run without.
            if self.step == 0 and self.failure is None:
                self.worker.trouble("ASGI Lifespan processing exception", 0, "info")
            elif self.failure is None:
                self.worker.trouble("ASGI Lifespan processing exception", 0, "error")
        finally:
            for future in (self.started, self.ended):
                if not future.done():
                    future.set_result(None)

    async def receive(self):
        if not self.received:
            self.received = True
            return {"type": "lifespan.startup"}
        await self.leaving
        if self.step == 3:
            # Nothing follows; who asks nevertheless waits until the end.
            await self.loop.create_future()
        return {"type": "lifespan.shutdown"}

    async def send(self, message):
        kind = message["type"]
        if kind == "lifespan.startup.complete" and self.step == 0 and self.received:
            self.step = 1
            self._done(self.started)
        elif kind == "lifespan.startup.failed" and self.step == 0 and self.received:
            self.step = 3
            self.failure = str(message.get("message", ""))
            self._done(self.started)
        elif kind in ("lifespan.shutdown.complete", "lifespan.shutdown.failed") and self.step == 2:
            self.step = 3
            if kind.endswith("failed"):
                self.worker.log("error", "Application shutdown failed: %s" % message.get("message", ""))
            self._done(self.ended)
        else:
            self.worker.log("warn", "Got invalid state transition on lifespan protocol")
            raise AssertionError("Got invalid state transition on lifespan protocol")

    @staticmethod
    def _done(future):
        if not future.done():
            future.set_result(None)


def start_asgi(worker, target, scope, receive, send, stream=0):
    """Calls an application of either version, for what is to be awaited;
    Failure when it is none."""
    application, _, legacy = target
    if legacy:
        try:
            application = application(scope)
        except SystemExit:
            raise
        except BaseException:
            if scope["type"] == "lifespan":
                raise
            worker.trouble("Python failed to call legacy app stage1", stream, "error")
            raise Failure() from None
        if not callable(application):
            worker.log("error", "Legacy ASGI application returns not a callable", stream)
            raise Failure()
        result = application(receive, send)
    else:
        result = application(scope, receive, send)
    if type(result) is not types.CoroutineType and not inspect.isawaitable(result):
        worker.log("error", "Application result type is not a coroutine", stream)
        raise Failure()
    return result
