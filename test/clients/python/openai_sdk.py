"""OpenAI's SDK for Python, `openai`."""

from asking import call_of, forced_tool_of, question_of, settings_of, with_result
from openai import OpenAI
from trip import Trip


def client_of(ask):
    return OpenAI(base_url=f"{ask['url']}/v1", api_key=ask["key"], **settings_of(ask))


def chat_of(ask):
    return {"model": ask["model"], **question_of(ask)}


def calling(ask):
    return {**chat_of(ask), **forced_tool_of(ask)}


def tokens_of(usage):
    return {"promptTokens": usage.prompt_tokens, "answerTokens": usage.completion_tokens}


def models(ask):
    return {"ids": [model.id for model in client_of(ask).models.list()]}


def chat(ask):
    answer = client_of(ask).chat.completions.create(**chat_of(ask))
    choice = answer.choices[0]
    told = {"text": choice.message.content, "finish": choice.finish_reason}
    return {**told, **tokens_of(answer.usage)}


def stream(ask):
    chunks = client_of(ask).chat.completions.create(
        **chat_of(ask), stream=True, stream_options={"include_usage": True}
    )
    told = {"text": "", "pieces": 0}
    for chunk in chunks:
        for choice in chunk.choices:
            told["text"] += choice.delta.content or ""
            told["pieces"] += 1 if choice.delta.content else 0
            told["finish"] = choice.finish_reason
        if chunk.usage is not None:
            told.update(tokens_of(chunk.usage))
    return told


def call(ask):
    client = client_of(ask)
    asked = calling(ask)
    first = client.chat.completions.create(**asked)
    message = first.choices[0].message
    again = with_result(asked["messages"], message, ask)
    second = client.chat.completions.create(**{**asked, **again})
    return {**call_of(first.choices[0]), "text": second.choices[0].message.content}


def streamed_call(ask):
    with client_of(ask).chat.completions.stream(**calling(ask)) as events:
        return call_of(events.get_final_completion().choices[0])


def structured(ask):
    answer = client_of(ask).chat.completions.parse(**chat_of(ask), response_format=Trip)
    return {"value": answer.choices[0].message.parsed.model_dump()}


def embeddings(ask):
    answer = client_of(ask).embeddings.create(model=ask["model"], input=ask["texts"])
    return {"vectors": [row.embedding for row in answer.data]}


def abort(ask):
    pieces = 0
    with client_of(ask).chat.completions.create(**chat_of(ask), stream=True) as chunks:
        for chunk in chunks:
            pieces += 1 if chunk.choices[0].delta.content else 0
            if pieces == 3:
                break
    return {"pieces": pieces}
