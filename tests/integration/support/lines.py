"""The terminal client's --json lines."""

import json


def parse(text):
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def answer(text):
    """The last line: the command's answer."""
    return parse(text)[-1]


def read_complete(path):
    """The complete lines of a journal that is still being written."""
    with open(path, "rb") as file:
        data = file.read()
    return [line.decode("utf-8") for line in data[:data.rfind(b"\n") + 1].splitlines() if line.strip()]
