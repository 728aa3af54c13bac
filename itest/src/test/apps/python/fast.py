# SPDX-License-Identifier: Apache-2.0
"""FastAPI, with a function that runs on a thread beside the loop."""
from fastapi import FastAPI
from pydantic import BaseModel

application = FastAPI()


class Item(BaseModel):
    name: str
    count: int


@application.get("/")
async def hello():
    return "Hello from FastAPI"


@application.post("/items/{number}")
def items(number: int, item: Item):
    return {"number": number, "name": item.name, "count": item.count + 1}
