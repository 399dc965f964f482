"""Asks a running gateway what its own /openapi.json allows, and a little more, by schemathesis: no answer is a failure of ours,
and each is of a type and a shape that the document tells. The seed is fixed and the examples few, so that every run asks the same.

usage: openapi_fuzz.py BASE TOKEN [EXAMPLES]
"""
import os
import re
import subprocess
import sys
import tempfile

base, token = sys.argv[1:3]
examples = sys.argv[3] if len(sys.argv) > 3 else "2"
# Streams have no end to wait for.
endless = r"(:watch|/v1/stream|/widget/v1/events)$"
# What is in the contract and not built yet says so.
config = '[checks.not_a_server_error]\nexpected-statuses = ["2xx", "3xx", "4xx", "501"]\n'

with tempfile.TemporaryDirectory() as folder:
    with open(f"{folder}/schemathesis.toml", "w") as file:
        file.write(config)
    report = f"{folder}/report.json"
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", f"{folder}/schemathesis.toml", "run", f"{base}/openapi.json",
        "--header", f"Authorization: Bearer {token}", "--exclude-path-regex", endless, "--phases", "fuzzing",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--max-examples", examples, "--seed", "20260101", "--no-shrink", "--continue-on-failure", "--request-timeout", "10",
        "--suppress-health-check", "all", "--warnings", "off", "--workers", "1", "--report", "json", "--report-json-path", report,
    ]
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "160"}
    # Where the machine is busy, it gives up making an example in time and skips the operation: then all are asked again.
    for attempt in range(3):
        result = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
        print(result.stdout[-20000:], result.stderr[-3000:])
        asked = re.search(r"Selected: (\d+)/\d+\n\s+Tested: (\d+)\n", result.stdout)
        good = result.returncode == 0 and asked is not None and asked[1] == asked[2]
        if good or result.returncode != 0:
            break
    print("ok" if good else "failed", "schemathesis")
    sys.exit(0 if good else 1)
