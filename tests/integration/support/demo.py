"""The demo content as config/demo.toml has it, and who may do what by its audiences. Worked out here, without the server."""

import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def _load():
    import tomllib

    with open(os.path.join(ROOT, "config", "demo.toml"), "rb") as file:
        return tomllib.load(file)


CONTENT = _load()
FORUMS = {forum["slug"]: forum for forum in CONTENT["forum"]}
ROOMS = {room["slug"]: room for room in CONTENT["room"]}
MEMBERS = {member["handle"]: member for member in CONTENT["member"]}
THREADS = CONTENT["thread"]


def _admits(audience, roles, write):
    read = audience.get("read", [])
    if read and not roles & set(read):
        return False
    return not write or not audience.get("write") or bool(roles & set(audience["write"]))


def _may(handle, room, write):
    member, forum = MEMBERS[handle], FORUMS[ROOMS[room]["forum"]]
    if forum["slug"] in member.get("moderates", []):
        return True
    roles = set(member["roles"])
    return all(_admits(audience, roles, write) for audience in (forum.get("audience", {}), ROOMS[room].get("audience", {})))


def may_read(handle, room):
    return _may(handle, room, False)


def may_write(handle, room):
    return _may(handle, room, True)


def may_read_forum(handle, forum):
    member = MEMBERS[handle]
    return forum in member.get("moderates", []) or _admits(FORUMS[forum].get("audience", {}), set(member["roles"]), False)


def sentences():
    with open(os.path.join(ROOT, "tests", "data", "finnish-sentences.txt"), encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if line.strip()]


def mentions(text):
    return re.findall(r"(?<![\w@])@([a-z0-9][a-z0-9._-]*[a-z0-9])", text)
