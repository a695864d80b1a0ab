"""Cases that share one server each."""

import asyncio
import dataclasses
import unittest

from . import deadline
from .raw import RawSocket
from .server import Server, write_config
from .wire import Client, change, new_change_id, pb

UNLIMITED = {"session.requests_per_second": 100000, "session.request_burst": 100000,
             "session.member_requests_per_second": 100000, "session.member_request_burst": 100000, "new_members.days": 0}
# Small limits that the demo content still fits into.
FRAME, TEXT_BYTES, TITLE, REQUESTS, BAD, SUBSCRIPTIONS, PAGE = 2048, 600, 80, 3, 5, 3, 10
SMALL = {**UNLIMITED, "network.frame_bytes": FRAME, "content.text_bytes": TEXT_BYTES, "content.title_bytes": TITLE,
         "session.requests_per_frame": REQUESTS, "session.bad_requests": BAD, "session.subscriptions": SUBSCRIPTIONS,
         "reading.page": PAGE, "reading.page_default": 5, "content.mentions": 2, "content.reactions": 2, "content.report_bytes": 600,
         "network.outbox_bytes": 65536, "network.close_timeout_ms": 300, "session.hello_timeout_ms": 60000}
# Members and rooms of the demo content that tests speak of.
COUNCILLOR, OTHER_COUNCILLOR, OFFICE_HOLDER, EXPERT, MODERATOR = (
    "aino.metsala", "pekka.rautio", "riitta.salmi", "outi.berg", "marja.virtanen")
ROOM = "kuntastrategia-arjessa"  # open to everyone, moderated by MODERATOR
PEER_ROOM = "valtuustoryhmien-yhteistyo"  # of councillors


class ClientCase(unittest.IsolatedAsyncioTestCase):
    """Tests that talk through decent clients, with no rate limit in the way."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server(UNLIMITED).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.dispose()

    def client(self, handle, mirrors=None):
        return Client(self.server.url, self.server.token(handle), mirrors)


class ConfiguredCase(ClientCase):
    """Tests through clients, with a configuration of their own. NARROW comes with a restart: the demo content does not fit into it."""

    OPTIONS, NARROW = {}, {}

    @classmethod
    def setUpClass(cls):
        cls.server = Server({**UNLIMITED, **cls.OPTIONS}).__enter__()
        if cls.NARROW:
            write_config(cls.server.home, {**UNLIMITED, **cls.OPTIONS, **cls.NARROW})
            cls.server.restart()

    async def connected(self, handle, mirrors=None):
        client = await self.client(handle, mirrors).connect()
        self.addAsyncCleanup(client.close)
        return client

    async def all_answers(self, client, requests, frame=64):
        """Sends the requests in frames without waiting between them. Returns the responses."""
        futures = []
        for first in range(0, len(requests), frame):
            futures += await client.send(*requests[first:first + frame])
        return await deadline.within(asyncio.gather(*futures), "all requests are answered")


@dataclasses.dataclass
class World:
    """What the rows need to know of the server: visible and hidden room, a thread of the sender and a foreign message."""
    room: int
    hidden: int
    thread: int
    foreign: int
    version: int
    change_id: bytes


def request(change_id=None, **command):
    """Request 7. With a change id (True: a new one) it is a change."""
    if change_id is None:
        return pb.Request(id=7, **command)
    return change(id=7, change_id=new_change_id() if change_id is True else change_id, **command)


def post(world, **values):
    return pb.PostMessage(**{"room": world.room, "thread": world.thread, "text": "teksti", **values})


class RawCase(unittest.TestCase):
    """Tests that talk in bytes, with the limits of SMALL or their own."""

    OPTIONS = SMALL

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.OPTIONS).__enter__()
        cls.token = cls.server.token(COUNCILLOR)

    @classmethod
    def tearDownClass(cls):
        cls.server.dispose()

    def raw(self, token=None, **how):
        raw = RawSocket(self.server.port, **how)
        self.addCleanup(raw.__exit__)
        return raw.open(token)

    def works(self, raw):
        raw.send(pb.Request(id=99, list_forums=pb.ListForums()))
        return raw.response(99).HasField("forums")

    def assert_works(self, raw):
        """The connection stays: a request is answered."""
        self.assertTrue(self.works(raw))

    def assert_ended(self, raw, close_code):
        while raw.next_item() is not None:
            pass
        self.assertEqual(raw.closed_with, close_code)

    def error(self, raw, request_id=7):
        response = raw.response(request_id)
        self.assertEqual(response.WhichOneof("result"), "error", response)
        return response.error

    def closing(self, raw):
        """The error of the closing notice, the last item."""
        item = raw.next_item()
        while item is not None and not item.notice.HasField("closing"):
            item = raw.next_item()
        self.assertIsNotNone(item, "the connection ended without a closing notice")
        return item.notice.closing.error

    def world(self):
        async def build():
            async with Client(self.server.url, self.server.token(COUNCILLOR)) as aino, \
                    Client(self.server.url, self.server.token(OTHER_COUNCILLOR)) as pekka:
                async with Client(self.server.url, self.server.token(OFFICE_HOLDER)) as riitta:
                    hidden = (await riitta.room("kunnanjohtajan-poyta")).id
                room = (await aino.room(ROOM)).id
                thread = await aino.start_thread(room)
                foreign = await pekka.post(room, thread, "pekan")
                change_id = new_change_id()
                version = (await aino.change(change_id, post_message=pb.PostMessage(room=room, thread=thread, text="oma"))).version
                return World(room, hidden, thread, foreign, version, change_id)

        return asyncio.run(build())
