"""LangChain's classes for OpenAI, `langchain-openai`. It has no list of models."""

from functools import reduce
from operator import add

from asking import settings_of, tool_of
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from trip import Trip


def place_of(ask):
    place = {"base_url": f"{ask['url']}/v1", "api_key": ask["key"], "model": ask["model"]}
    return {**place, **settings_of(ask)}


def chat_of(ask):
    return ChatOpenAI(**place_of(ask), temperature=0, max_tokens=ask["tokens"], stream_usage=True)


def calling(ask):
    choice = {"tool_choice": ask["tool"]["name"], "parallel_tool_calls": False}
    return chat_of(ask).bind_tools([tool_of(ask)], **choice)


def call_of(message):
    call = message.tool_calls[0]
    return {
        "call": {"name": call["name"], "arguments": call["args"]},
        "finish": message.response_metadata["finish_reason"],
    }


def told_by(message):
    usage = message.usage_metadata
    return {
        "text": message.text,
        "finish": message.response_metadata["finish_reason"],
        "promptTokens": usage["input_tokens"],
        "answerTokens": usage["output_tokens"],
    }


def chat(ask):
    return told_by(chat_of(ask).invoke(ask["question"]))


def stream(ask):
    chunks = list(chat_of(ask).stream(ask["question"]))
    pieces = sum(1 for chunk in chunks if chunk.text)
    return {**told_by(reduce(add, chunks)), "pieces": pieces}


def call(ask):
    question = HumanMessage(ask["question"])
    first = calling(ask).invoke([question])
    result = ToolMessage(ask["tool"]["result"], tool_call_id=first.tool_calls[0]["id"])
    shown = chat_of(ask).bind_tools([tool_of(ask)], tool_choice="none")
    return {**call_of(first), "text": shown.invoke([question, first, result]).text}


def streamed_call(ask):
    return call_of(reduce(add, calling(ask).stream(ask["question"])))


def structured(ask):
    structured_chat = chat_of(ask).with_structured_output(Trip, method="json_schema", strict=True)
    return {"value": structured_chat.invoke(ask["question"]).model_dump()}


def embeddings(ask):
    # Its own cutting of long texts counts OpenAI's tokens, with a file that it would have to download.
    model = OpenAIEmbeddings(**place_of(ask), check_embedding_ctx_length=False)
    return {"vectors": model.embed_documents(ask["texts"])}


def abort(ask):
    pieces = 0
    chunks = chat_of(ask).stream(ask["question"])
    for chunk in chunks:
        pieces += 1 if chunk.text else 0
        if pieces == 3:
            break
    chunks.close()
    return {"pieces": pieces}
