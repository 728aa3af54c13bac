# SPDX-License-Identifier: Apache-2.0
"""Runs cases of Autobahn's fuzzing client, in Jython: the jar of the suite and
what to do come as arguments, the results go to a file.

{"groups": [{"agent": NAME, "url": URL, "cases": [PATTERN...], "deflate": true}],
 "results": FILE}

The groups run at the same time, as most cases wait.  A case that did not end
well is run once more when all others are through, by itself: some have limits
of a second or two, within which a busy machine may do nothing.
"""
import json
import sys
import types

jar, order = sys.argv[1], json.loads(sys.argv[2])


class Nothing(types.ModuleType):
    """Stands for a module that only reports and servers need: to compile these
    takes longer than the cases."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: None


for name in ("twisted.web", "twisted.web.server", "twisted.web.static", "jinja2", "pkg_resources"):
    sys.modules[name] = Nothing(name)
sys.path.insert(0, jar)
for name in ("autobahn", "autobahntestsuite"):
    package = types.ModuleType(name)
    package.__path__ = [jar + "/" + name]
    package.version = "-"
    sys.modules[name] = package

from autobahn import compress_deflate
from autobahn.compress_deflate import PerMessageDeflateOffer, PerMessageDeflateResponseAccept
from autobahntestsuite import fuzzing
from twisted.internet import reactor

GOOD = ("OK", "INFORMATIONAL")
results = {}
running = []


def accept(response):
    return PerMessageDeflateResponseAccept(response)


class Group(fuzzing.FuzzingClientFactory):
    """The cases of one server, one after the other."""

    def __init__(self, group):
        self.group = group
        running.append(self)
        fuzzing.FuzzingClientFactory.__init__(self, {
            "servers": [{"agent": group["agent"], "url": group["url"]}],
            "options": {"failByDrop": False, "closeHandshakeTimeout": 10, "openHandshakeTimeout": 30},
            "cases": group["cases"]})
        # Nobody reads the log of bytes.
        self.logOctets = False
        if group.get("deflate"):
            self.setProtocolOptions(perMessageCompressionOffers=[PerMessageDeflateOffer()],
                                    perMessageCompressionAccept=accept)

    def logCase(self, case):
        results[self.group["agent"], case["id"]] = dict(
            (key, case[key]) for key in ("agent", "id", "behavior", "behaviorClose", "result", "resultClose",
                                         "remoteCloseCode", "duration"))

    def clientConnectionLost(self, connector, reason):
        if self.nextCase():
            connector.connect()
        else:
            self.end()

    def clientConnectionFailed(self, connector, reason):
        print(str(reason))
        self.end()

    def end(self):
        running.remove(self)
        if not running:
            again()


def again():
    """What did not end well, once more."""
    for key, result in sorted(results.items()):
        bad = result["behavior"] not in GOOD or result["behaviorClose"] not in GOOD
        if bad and "first" not in result:
            group = [group for group in order["groups"] if group["agent"] == key[0]][0]
            print("once more: %s" % result)
            repeat = Group(dict(group, cases=[key[1]]))
            log = repeat.logCase

            def logged(case):
                log(case)
                results[key]["first"] = result
            repeat.logCase = logged
            return
    reactor.stop()


for group in order["groups"]:
    Group(group)
reactor.run()
with open(order["results"], "w") as out:
    json.dump(results.values(), out)
