"""`litellm`, as a caller of an OpenAI-compatible server: the prefix `openai/` before the model."""

import json

import litellm
from trip import Trip


def place_of(ask):
    settings = {
        "model": f"openai/{ask['model']}",
        "api_base": f"{ask['url']}/v1",
        "api_key": ask["key"],
    }
    if "retries" in ask:
        settings["max_retries"] = ask["retries"]
    if "timeoutMs" in ask:
        settings["timeout"] = ask["timeoutMs"] / 1000
    return settings


def chat_of(ask):
    return {
        **place_of(ask),
        "temperature": 0,
        "max_completion_tokens": ask["tokens"],
        "messages": [{"role": "user", "content": ask["question"]}],
    }


def calling(ask):
    shown = {name: ask["tool"][name] for name in ("name", "description", "parameters")}
    return {
        **chat_of(ask),
        "tools": [{"type": "function", "function": shown}],
        "tool_choice": {"type": "function", "function": {"name": shown["name"]}},
        "parallel_tool_calls": False,
    }


def call_of(choice):
    call = choice.message.tool_calls[0].function
    return {
        "call": {"name": call.name, "arguments": json.loads(call.arguments)},
        "finish": choice.finish_reason,
    }


def told_by(answer):
    return {
        "text": answer.choices[0].message.content,
        "finish": answer.choices[0].finish_reason,
        "promptTokens": answer.usage.prompt_tokens,
        "answerTokens": answer.usage.completion_tokens,
    }


def streamed(asked):
    with_usage = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = list(litellm.completion(**asked, **with_usage))
    pieces = sum(1 for chunk in chunks if chunk.choices and chunk.choices[0].delta.content)
    return litellm.stream_chunk_builder(chunks, messages=asked["messages"]), pieces


def models(ask):
    ids = litellm.get_valid_models(
        check_provider_endpoint=True,
        custom_llm_provider="openai",
        api_base=ask["url"],
        api_key=ask["key"],
    )
    return {"ids": [name.removeprefix("openai/") for name in ids]}


def chat(ask):
    return told_by(litellm.completion(**chat_of(ask)))


def stream(ask):
    answer, pieces = streamed(chat_of(ask))
    return {**told_by(answer), "pieces": pieces}


def call(ask):
    asked = calling(ask)
    first = litellm.completion(**asked)
    message = first.choices[0].message
    result = {
        "role": "tool",
        "tool_call_id": message.tool_calls[0].id,
        "content": ask["tool"]["result"],
    }
    again = {"messages": [*asked["messages"], message, result], "tool_choice": "none"}
    second = litellm.completion(**{**asked, **again})
    return {**call_of(first.choices[0]), "text": second.choices[0].message.content}


def streamed_call(ask):
    answer, _ = streamed(calling(ask))
    return call_of(answer.choices[0])


def structured(ask):
    answer = litellm.completion(**chat_of(ask), response_format=Trip)
    return {"value": Trip.model_validate_json(answer.choices[0].message.content).model_dump()}


def embeddings(ask):
    answer = litellm.embedding(**place_of(ask), input=ask["texts"], encoding_format="float")
    return {"vectors": [row["embedding"] for row in answer.data]}


def abort(ask):
    pieces = 0
    chunks = litellm.completion(**chat_of(ask), stream=True)
    for chunk in chunks:
        pieces += 1 if chunk.choices[0].delta.content else 0
        if pieces == 3:
            break
    chunks.completion_stream.close()
    return {"pieces": pieces}
