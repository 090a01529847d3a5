#!/usr/bin/env python3
"""Holds a message against App IO's published schema: tests/io_schema.py MESSAGE.json OPENAPI.yaml

Ends with 0 where it fits, 1 and the reasons where it does not, 3 where a package is missing.
"""

import json
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"the Python package {missing.name} is not installed")
    sys.exit(3)

message = json.load(open(sys.argv[1], encoding="utf-8"))
api = yaml.safe_load(open(sys.argv[2], encoding="utf-8"))
schema = {"$ref": "#/definitions/NewMessage", "definitions": api["definitions"]}
faults = list(jsonschema.Draft4Validator(schema).iter_errors(message))
for fault in faults:
    print("/".join(map(str, fault.absolute_path)) or "message", fault.message[:300])
sys.exit(bool(faults))
