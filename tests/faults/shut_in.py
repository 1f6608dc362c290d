"""A child's module that says how it is shut in, and then never ends: as slow a file as can be.

`python -m core.child tests.faults.shut_in source target`
"""

import json
import os
import resource
import signal
import sys
from pathlib import Path

from core import child
from core.child import limit_this_process

child.SECONDS = 0.3
limit_this_process(memory=0)
found = {
    "privileges": "NoNewPrivs:\t1" in Path("/proc/self/status").read_text(encoding="utf-8"),
    "networks": [line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]],
    "processor": resource.getrlimit(resource.RLIMIT_CPU)[0]
    - sum(resource.getrusage(resource.RUSAGE_SELF)[:2]),
    "settings": [name for name in os.environ if name.startswith("GLASSBOX_")],
}
Path(sys.argv[2]).write_text(json.dumps(found), encoding="utf-8")
signal.pause()
