"""Three times the load that a server can take: what share of its capacity still ends well, and how long the admitted calls take."""

import json
import os
import subprocess


def run(options, report):
    program = os.path.join(options.ours, "overload")
    limited, unlimited = (measured(program, flag) for flag in ("limited", "unlimited"))
    report.add("overload-3x", "goodput / capacity", limited["goodput"], unlimited["goodput"], "without limit")
    report.add("overload-3x", "p99 admitted / usual", limited["p99"], unlimited["p99"], "without limit", True)


def measured(program, flag):
    return json.loads(subprocess.run([program, flag], stdout=subprocess.PIPE, check=True, text=True).stdout)
