"""Decoding and encoding, wire format and ProtoJSON: each side's own program prints nanoseconds by metric, measured alike."""

import json
import os
import subprocess

from servers import ENVIRONMENT, LOAD_CORE


def run(options, report):
    peer = os.path.join(options.peers, "swift_codec")
    if not os.path.exists(peer):
        return
    mine, theirs = measured(os.path.join(options.ours, "codec")), measured(peer)
    for (case, metric), nanoseconds in mine.items():
        report.add(case, metric, nanoseconds, theirs[case, metric], "swift-protobuf", True)


def measured(program):
    command, environment = ["taskset", "-c", LOAD_CORE, program], {**os.environ, **ENVIRONMENT}
    lines = subprocess.run(command, stdout=subprocess.PIPE, env=environment, check=True, text=True).stdout
    rows = [json.loads(line) for line in lines.splitlines()]
    return {(row["case"], row["metric"]): row["nanoseconds"] for row in rows}
