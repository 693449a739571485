"""What the adapters ask in the same words: settings, a question, and a tool that must be called."""

import json


def settings_of(ask):
    """How often and how long to try, as the SDK's constructor names it."""
    settings = {}
    if "retries" in ask:
        settings["max_retries"] = ask["retries"]
    if "timeoutMs" in ask:
        settings["timeout"] = ask["timeoutMs"] / 1000
    return settings


def question_of(ask):
    return {
        "temperature": 0,
        "max_completion_tokens": ask["tokens"],
        "messages": [{"role": "user", "content": ask["question"]}],
    }


def tool_of(ask):
    shown = {name: ask["tool"][name] for name in ("name", "description", "parameters")}
    return {"type": "function", "function": shown}


def forced_tool_of(ask):
    return {
        "tools": [tool_of(ask)],
        "tool_choice": {"type": "function", "function": {"name": ask["tool"]["name"]}},
        "parallel_tool_calls": False,
    }


def with_result(messages, message, ask):
    """The conversation again, with the tool's result behind the call."""
    result = {
        "role": "tool",
        "tool_call_id": message.tool_calls[0].id,
        "content": ask["tool"]["result"],
    }
    return {"messages": [*messages, message, result], "tool_choice": "none"}


def call_of(choice):
    call = choice.message.tool_calls[0].function
    return {
        "call": {"name": call.name, "arguments": json.loads(call.arguments)},
        "finish": choice.finish_reason,
    }
