"""
An SDK of PyPI that acts when it is asked: `tell.py NAME`, with NAME_sdk.py beside it.

The first line on stdout is {"acts": […]}. Then each line on stdin is a JSON object (`Ask` of acts.ts
with its `act`), and each is answered by one line (`Told`). What the SDK itself prints goes to stderr.
"""

import importlib
import json
import sys

ACTS = ("models", "chat", "stream", "call", "streamed_call", "structured", "embeddings", "abort")


def error_of(thrown):
    kinds = [kind.__name__ for kind in type(thrown).__mro__]
    code = getattr(thrown, "code", None)
    status = getattr(thrown, "status_code", None)
    return {"kinds": kinds, "status": status, "code": code if isinstance(code, str) else None}


def told_by(sdk, ask):
    try:
        return getattr(sdk, ask["act"])(ask)
    except Exception as thrown:
        print(f"{ask['act']}: {type(thrown).__name__}: {thrown}", file=sys.stderr)
        return {"error": error_of(thrown)}


def main(name):
    lines = sys.stdout
    sys.stdout = sys.stderr

    def say(told):
        print(json.dumps(told), file=lines, flush=True)

    sdk = importlib.import_module(f"{name}_sdk")
    say({"acts": [act for act in ACTS if hasattr(sdk, act)]})
    for line in sys.stdin:
        say(told_by(sdk, json.loads(line)))


main(sys.argv[1])
