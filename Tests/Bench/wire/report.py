"""Figures as a table and as lines of JSON."""

import json


class Report:
    def __init__(self, path):
        self.path = path
        print(f"{'case':18} {'metric':28} {'ours':>12} {'peer':>12} {'ratio':>8}  peer's name")

    def add(self, case, metric, ours, peer, peer_name, lower_is_better=False):
        # What costs nothing counts as one unit.
        ratio = peer / (ours or 1) if lower_is_better else ours / peer if peer else 0
        print(f"{case:18} {metric:28} {ours:12,.2f} {peer:12,.2f} {ratio:8.2f}  {peer_name}", flush=True)
        line = {"case": case, "metric": metric, "ours": round(ours, 3), "peer": round(peer, 3), "peer_name": peer_name}
        with open(self.path, "a") as lines:
            lines.write(json.dumps({**line, "ratio": round(ratio, 3)}) + "\n")
