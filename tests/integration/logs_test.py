"""What members write, and the tokens that they write it with, never reach a log, whatever its level and format."""

import asyncio
import base64
import json
import os
import unittest

from support import auth, deadline, processes
from support.cases import COUNCILLOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.raw import CLOSE, TEXT, RawSocket, field, hello, raw_request
from support.redis import Redis
from support.server import Server, write_config
from support.wire import Client, Refused, change, new_change_id, pb

EMOJI = "🦤"
TOO_LONG = 20_000  # bytes, over content.text_bytes


class Secrets:
    """A word of its own for each place, so that a finding says where it came from. ASCII: it survives most ways of escaping."""

    def __init__(self):
        self.words = {}

    def __call__(self, place):
        return self.words.setdefault(place, f"salaista-{place}-xq7")

    def forms(self):
        """Each as a log could show it."""
        for place, word in self.words.items():
            data = word.encode()
            yield place, data
            yield place + " as hex", data.hex().encode()
            yield place + " as base64", base64.b64encode(data).rstrip(b"=")
        for form in (EMOJI.encode(), b"\\360\\237\\246\\244", b"\\xf0\\x9f\\xa6\\xa4", b"\\ud83e\\udda4", EMOJI.encode().hex().encode()):
            yield "emoji", form


def read(path):
    with open(path, "rb") as file:
        return file.read()


async def write_everything(aino, room, secret):
    """Every command that carries something of the member's, accepted."""
    thread = await aino.start_thread(room, secret("title"), secret("first-text"))
    post = await aino.post(room, thread, f"{secret('post')} @{OTHER_COUNCILLOR}")
    await aino.post(room, thread, secret("reply"), reply_to=post)
    for text in (secret("edit"), secret("second-edit")):
        await aino.change(edit_message=pb.EditMessage(room=room, message=post, text=text))
    for remove in (False, True):
        await aino.change(react=pb.React(room=room, message=post, emoji=EMOJI, remove=remove))
    await aino.change(save_draft=pb.SaveDraft(room=room, thread=thread, text=secret("draft")))
    await aino.change(save_draft=pb.SaveDraft(room=room, text=secret("draft-of-a-thread"), title=secret("title-of-a-draft")))
    await aino.change(delete_message=pb.DeleteMessage(room=room, message=post))
    await aino.change(set_watch=pb.SetWatch(room=room, thread=thread, level=1))
    await aino.change(tag_thread=pb.TagThread(room=room, thread=thread, tags=[secret("tag")]))
    await aino.change(rename_thread=pb.RenameThread(room=room, thread=thread, title=secret("new-title")))
    await aino.change(mark_read=pb.MarkRead(room=room, thread=thread, to=post))
    await aino.request(typing=pb.Typing(room=room, thread=thread))
    return thread


async def be_refused(aino, room, thread, secret):
    """What is refused, with something of the member's in it."""
    reused = new_change_id()
    await aino.change(reused, post_message=pb.PostMessage(room=room, thread=thread, text=secret("used-once")))
    for change_id, command in (
            (reused, {"post_message": pb.PostMessage(room=room, thread=thread, text=secret("used-again"))}),
            (None, {"post_message": pb.PostMessage(room=room, thread=thread, text=secret("control") + "\x1b[2J")}),
            (None, {"post_message": pb.PostMessage(room=room, thread=thread, text=secret("too-long").ljust(TOO_LONG, "x"))}),
            (None, {"post_message": pb.PostMessage(room=999999, thread=thread, text=secret("nowhere"))}),
            (None, {"start_thread": pb.StartThread(room=room, title=secret("two") + "\n" + secret("lines"), text="a")}),
            (None, {"react": pb.React(room=room, message=thread, emoji=secret("no-emoji"))}),
            (None, {"lock_thread": pb.LockThread(room=room, thread=thread, locked=True, reason=secret("reason"))})):
        await aino.refused(change_id or new_change_id(), **command)
    await aino.refused(list_rooms=pb.ListRooms(forum_slug=secret("slug")))
    await aino.request(read_members=pb.ReadMembers(handles=[secret("handle")]))


async def read_everything(member, room, thread):
    await member.request(list_forums=pb.ListForums())
    await member.request(read_inbox=pb.ReadInbox())
    await member.threads(room)
    await member.history(room, thread)
    await member.subscribe(f"room:{room}", f"member:{member.welcome.self.id}")


def come_in(server, secret):
    """An administrator's way in, and what people type where it does not belong."""
    account = auth.administrator(server)
    secret.words.update({"password": account.password, "token of a sign-in": account.token, "seed": account.app.secret,
                         "recovery code": account.recovery[0], "invited address": account.email})
    auth.sign_in(server, secret("typed-as-name"), secret("typed-password"))
    auth.sign_in(server, account.handle, secret("wrong-password"))
    auth.accept(server, secret("typed-as-invitation"), secret("new-password-of-many-letters"))


def misbehave(server, secret):
    """Bytes that are no request, with something secret in them, and tokens that are wrong."""
    token = server.token(COUNCILLOR)
    garbage = field(31, field(3, secret("malformed").encode()) + b"\xff\xff")
    for signed_in, send in (
            (True, lambda raw: raw.send_frame(raw_request(garbage))),
            (True, lambda raw: raw.send_frame(raw_request(field(999, secret("unknown-command").encode())))),
            (True, lambda raw: raw.send_frame(raw_request(field(31, field(3, secret("not-utf8").encode() + b"\xff"))))),
            (True, lambda raw: raw.send_frame(b"\xff" + secret("malformed-frame").encode())),
            (True, lambda raw: raw.send_frame(secret("text-frame").encode(), TEXT)),
            (True, lambda raw: raw.send_frame(b"\x03\xe8" + secret("close").encode(), CLOSE)),
            (False, lambda raw: raw.send_frame(raw_request(field(10, field(5, token.encode()) + b"\xff")))),
            (False, lambda raw: raw.send(pb.Request(id=7, hello=hello(secret("wrong-token")))))):
        with RawSocket(server.port) as raw:
            raw.open(token if signed_in else None)
            send(raw)
            raw.send_frame(b"\xff\xff")  # ends the connection where it has not ended yet
            while raw.next_item() is not None:
                pass
    with RawSocket(server.port) as raw:
        raw.write(f"GET /?{secret('query')} HTTP/1.1\r\nAuthorization: {secret('header')}\r\n\r\n".encode())
        raw.read_to_end()


class Logs(unittest.TestCase):
    def run_and_read(self, log_format):
        """The secrets of a server on which everything has been done, its log, and what else it and its Redis have written."""
        secret, server = Secrets(), Server(arguments=["--log-level", "trace", "--log-format", log_format])
        self.addCleanup(server.dispose)
        log_file = os.path.join(server.home, "server.log")
        server.arguments += ["--config", write_config(server.home, {**UNLIMITED, "log.file": log_file})]
        server.start()
        asyncio.run(self.talk(server, secret))
        misbehave(server, secret)
        come_in(server, secret)
        for handle in (COUNCILLOR, OTHER_COUNCILLOR):
            secret.words["token of " + handle] = server.token(handle)
        self.assertEqual(server.interrupt(), 0)
        return [secret, *(read(path) for path in (log_file, server.log_path, os.path.join(server.data, "redis.log")))]

    async def talk(self, server, secret):
        async with Client(server.url, server.token(COUNCILLOR)) as aino, Client(server.url, server.token(OTHER_COUNCILLOR)) as pekka:
            room = (await aino.room(ROOM)).id
            await pekka.subscribe(f"room:{room}")
            thread = await write_everything(aino, room, secret)
            await be_refused(aino, room, thread, secret)
            await read_everything(pekka, room, thread)
            await self.while_redis_dies(server, aino, room, thread, secret)
            self.spoil(server, room, thread, secret)
            await aino.history(room, thread)

    async def while_redis_dies(self, server, aino, room, thread, secret):
        """Changes in doubt, sent again, and told of in the log."""
        futures = await aino.send(*[
            change(post_message=pb.PostMessage(room=room, thread=thread, text=secret("in-doubt"))) for _ in range(20)])
        processes.kill_redis(server.data)
        await deadline.within(asyncio.gather(*futures), "answers while Redis dies")

        async def until_it_works():
            while True:
                try:
                    return await aino.post(room, thread, secret("afterwards"))
                except Refused:
                    pass

        await deadline.within(until_it_works(), "Redis is there again")

    def spoil(self, server, room, thread, secret):
        redis = Redis(server.data)
        redis.put_entity(f"room:{room}", f"message:{thread}", b"\x62\xff" + secret("unreadable-entity").encode())
        redis.close()

    def assert_nothing_secret(self, secret, *logs):
        for place, form in secret.forms():
            for log in logs:
                at = log.find(form)
                self.assertEqual(at, -1, f"{place}: {log[max(0, at - 200):at + 200]!r}")

    def test_TextOfMembersAndTokensAreInNone(self):
        secret, log, output, redis_log = self.run_and_read("text")
        self.assertGreater(len(secret.words), 25)
        for told in (" debug ", "post_message", "cannot be read", "signed in member=", "credentials_invalid", "act=accept"):
            self.assertIn(told.encode(), log)
        self.assert_nothing_secret(secret, log, output, redis_log)

    def test_EveryJsonLineHasItsTimeLevelAndMessage(self):
        secret, log, output, redis_log = self.run_and_read("json")
        lines = [json.loads(line) for line in log.decode().splitlines()]
        self.assertGreater(len(lines), 50)
        for line in lines:
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertIn(line["level"], ("trace", "debug", "info", "warning", "error"))
            self.assertTrue(line["message"])
        self.assert_nothing_secret(secret, log, output, redis_log)


if __name__ == "__main__":
    unittest.main(verbosity=2)
