# SPDX-License-Identifier: Apache-2.0
"""Prints what the server wants to know about this interpreter, as JSON."""
import json
import os
import sys
import sysconfig

if sys.version_info < (3, 8):
    sys.exit(1)
version = "%d.%d.%d" % sys.version_info[:3]
if sys.version_info.releaselevel != "final":
    version += "%s%d" % (sys.version_info.releaselevel[0].replace("c", "rc"),
                         sys.version_info.serial)

# An application with a root directory of its own starts the interpreter
# inside that root, so it needs the program, its libraries and the modules.
places = {os.path.dirname(os.path.realpath(sys.executable)), os.path.dirname(sys.executable)}
for name in ("stdlib", "platstdlib", "purelib", "platlib"):
    places.add(sysconfig.get_path(name))
places.update(entry for entry in sys.path if os.path.isdir(entry))
try:
    with open("/proc/self/maps") as maps:
        for line in maps:
            path = line.rstrip().partition("/")[2]
            if ".so" in path:
                places.add(os.path.dirname("/" + path))
except OSError:
    pass
# The loader is asked for by the name in the program, and it may be a link
# that leads through /lib, which is a link itself where /usr is merged.
if os.path.isdir("/lib64"):
    places.add("/lib64")
    places.update(place[4:] for place in list(places)
                  if place.startswith("/usr/lib/") and os.path.isfile(place + "/libc.so.6"))
else:
    places.add("/lib")

mounts = []
for place in sorted(place for place in places if place and os.path.isdir(place)):
    # What lies below a directory that is mounted already comes with it.
    if not any(place.startswith(other["dst"] + "/") for other in mounts):
        mounts.append({"src": os.path.realpath(place), "dst": place})
print(json.dumps({"version": version, "file": sys.executable, "mounts": mounts}))
