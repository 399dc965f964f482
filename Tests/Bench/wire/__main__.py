"""`./dev bench wire`: our gRPC beside its peers in one run, the server on one core, the load on another.

python3 Tests/Bench/wire --ours FOLDER --services FOLDER --peers FOLDER --seconds N --out FILE

Each figure is a row of a table and a line of JSON: {"case", "metric", "ours", "peer", "peer_name", "ratio"}. A ratio above 1 means
that ours is better, for costs too.
"""

import argparse

import authentication
import codec
import footprint
import idle
import overload
import streams
import unary
from report import Report


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ours", required=True, help="the folder of our programs")
    parser.add_argument("--services", required=True, help="the folder of the programs switchboard and runtime-sample")
    parser.add_argument("--peers", required=True, help="the folder of the peers' programs; those that are missing are left out")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    report = Report(options.out)
    for part in (unary, authentication, streams, codec, idle, footprint, overload):
        part.run(options, report)


if __name__ == "__main__":
    main()
