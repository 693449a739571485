"""What schemathesis cannot know: the names of our models, and that an answer shall be short.

A valid body stays valid, and one that is not stays as it is wrong.
"""

import schemathesis

MAX_TOKENS = 8
LIMITS = {
    "/v1/chat/completions": "max_completion_tokens",
    "/v1/responses": "max_output_tokens",
    "/v1/messages": "max_tokens",
}


@schemathesis.hook
def map_body(context, body):
    if not isinstance(body, dict):
        return body
    path = context.operation.path
    model = body.get("model")
    if isinstance(model, str) and 1 <= len(model) <= 256:
        body["model"] = "vectors" if path == "/v1/embeddings" else "tiny"
    if path in LIMITS:
        shorten(body, LIMITS[path])
    return body


def shorten(body, name):
    """Both names of a chat's limit, where they are given, as they have to agree."""
    names = [key for key in (name, "max_tokens") if key in body] or [name]
    values = [body.get(key) for key in names]
    if name == "max_tokens" and values == [None]:
        # Required: its absence is what is wrong.
        return
    if all(value is None or is_limit(value) for value in values):
        for key in names:
            body[key] = MAX_TOKENS


def is_limit(value):
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1048576
