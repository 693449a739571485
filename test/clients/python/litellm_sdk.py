"""`litellm`, as a caller of an OpenAI-compatible server: the prefix `openai/` before the model."""

import litellm
from asking import call_of, forced_tool_of, question_of, settings_of, with_result
from trip import Trip


def place_of(ask):
    return {
        "model": f"openai/{ask['model']}",
        "api_base": f"{ask['url']}/v1",
        "api_key": ask["key"],
        **settings_of(ask),
    }


def chat_of(ask):
    return {**place_of(ask), **question_of(ask)}


def calling(ask):
    return {**chat_of(ask), **forced_tool_of(ask)}


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
    again = with_result(asked["messages"], message, ask)
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
