"""Checks an OpenAPI document, from a file or a URL, against the specification."""

import json
import sys
import urllib.request

from openapi_spec_validator import validate

source = sys.argv[1]
with (urllib.request.urlopen(source, timeout=20) if source.startswith("http") else open(source, "rb")) as file:
    document = json.load(file)
validate(document)
operations = [item[verb]["operationId"] for item in document["paths"].values() for verb in item if verb != "parameters"]
assert len(operations) == len(set(operations)), "an operationId is there twice"
print(f"ok {len(operations)} operations, {len(document['components']['schemas'])} schemas")
