"""From the start of the process to its first answer, and the size of the stripped program."""

import os
import shutil
import subprocess
import tempfile

from servers import Server, ours, peers

STARTS = 10


def run(options, report):
    mine = milliseconds_to_serve(ours(options)), stripped_megabytes(ours(options))
    for peer in peers(options):
        report.add("start-up", "ms to listening", mine[0], milliseconds_to_serve(peer), peer[0], True)
        report.add("binary", "MB stripped", mine[1], stripped_megabytes(peer), peer[0], True)
    sections(ours(options)[1][0])


def milliseconds_to_serve(server):
    times = []
    for _ in range(STARTS):
        with Server(*server) as running:
            times.append(running.seconds_to_serve * 1_000)
    return sorted(times)[STARTS // 2]


def stripped_megabytes(server):
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(server[1][0], folder)
        subprocess.run(["strip", copy], check=True)
        return os.path.getsize(copy) / 1e6


def sections(program):
    """What makes the program up."""
    table = subprocess.run(["size", "-A", program], stdout=subprocess.PIPE, text=True, check=True).stdout
    rows = [line.split() for line in table.splitlines()[2:]]
    sized = [(int(row[1]), row[0]) for row in rows if len(row) == 3 and not row[0].startswith(".debug")]
    largest = sorted(sized, reverse=True)[:6]
    print("largest sections: " + ", ".join(f"{name} {size / 1e6:.1f} MB" for size, name in largest))
