# SPDX-License-Identifier: Apache-2.0
"""What the configuration names becomes something to call: loads the
application and finds its protocol."""


class StartFailure(Exception):
    """The application cannot be loaded; the text is for the log."""


class Loader:
    """The part of a worker that loads the application."""

    def load(self):
        # The interpreter starts isolated; what it would do with the variable is
        # done here, for the value of the configuration alone.
        for entry in reversed(os.environ.get("PYTHONPATH", "").split(os.pathsep)
                              if os.environ.get("PYTHONPATH") else []):
            sys.path.insert(0, os.path.abspath(entry))
        path = self.application.get("path", [])
        for entry in reversed([path] if isinstance(path, str) else path):
            sys.path.insert(0, entry)
        targets = self.application.get("targets")
        for conf in [self.application] if targets is None else targets.values():
            self.targets.append(self._target(conf))
        self._choose_protocol()

    def _choose_protocol(self):
        protocol = self.application.get("protocol")
        if protocol is None:
            found = {is_asgi(target[0]) for target in self.targets}
            if len(found) > 1:
                raise StartFailure("A mix of ASGI & WSGI targets is forbidden, specify protocol in "
                                   "config if incorrect")
            self.asgi = found.pop()
        else:
            self.asgi = protocol == "asgi"
        if self.asgi:
            self.targets = [(application, prefix, is_legacy(application))
                            for application, prefix in self.targets]

    def _target(self, conf):
        name = conf["module"]
        try:
            module = importlib.import_module(name)
        except SystemExit:
            raise
        except BaseException:
            self.trouble('Python failed to import module "%s"' % name)
            raise StartFailure() from None
        attribute = conf.get("callable", "application")
        try:
            application = getattr(module, attribute)
        except AttributeError:
            self.trouble('Python failed to get "%s" from module "%s"' % (attribute, name))
            raise StartFailure() from None
        if conf.get("factory", False):
            application = self._factory(application, attribute, name)
        if not callable(application):
            raise StartFailure('"%s" in module "%s" is not a callable object' % (attribute, name))
        prefix = conf.get("prefix")
        if prefix is not None and prefix.endswith("/"):
            prefix = prefix[:-1]
        return application, prefix or None

    def _factory(self, factory, attribute, name):
        if not callable(factory):
            raise StartFailure('factory "%s" in module "%s" can not be called to fetch callable'
                               % (attribute, name))
        try:
            application = factory()
        except SystemExit:
            raise
        except BaseException:
            self.trouble('factory "%s" in module "%s" can not be called to fetch callable'
                         % (attribute, name))
            raise StartFailure() from None
        if not callable(application):
            raise StartFailure('factory "%s" in module "%s" did not return callable object'
                               % (attribute, name))
        return application


def is_asgi(application):
    """A coroutine function, or one that takes exactly one argument (the
    legacy form); for an object its __call__ decides, for a class what makes
    its objects."""
    return inspect.iscoroutinefunction(_called(application)) or is_legacy(application)


def is_legacy(application):
    """Whether it is called with the scope alone."""
    function = _called(application)
    code = getattr(function, "__code__", None)
    if code is None or inspect.iscoroutinefunction(function):
        return False
    bound = 1 if inspect.ismethod(function) or inspect.isclass(application) else 0
    return code.co_argcount - bound == 1 and not code.co_flags & inspect.CO_VARARGS


def _called(application):
    if inspect.isclass(application):
        return application.__init__
    if inspect.isfunction(application) or inspect.ismethod(application) \
            or inspect.iscoroutinefunction(application):
        return application
    return getattr(application, "__call__", application)
