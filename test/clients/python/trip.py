"""The object that the structured answers must be, in the words of Python's SDKs."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Trip(BaseModel):
    model_config = ConfigDict(extra="forbid")

    city: Literal["Paris", "Berlin", "Rome"]
    days: Literal[2, 3, 5]
