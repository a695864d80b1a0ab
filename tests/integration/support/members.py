"""Cases whose members come in by invitations of the demo content's administrator."""

import unittest

from . import auth
from .cases import ROOM, UNLIMITED
from .server import Server
from .wire import Client, Refused

OPTIONS = {**UNLIMITED, **auth.UNHURRIED}
ADMINISTRATOR = "sanna.heino"
TOKEN_INVALID = ("unauthenticated", "token_invalid", "")
CREDENTIALS_INVALID = ("unauthenticated", "credentials_invalid", "")
NO_INVITATION = ("not_found", "invitation_not_found", "invitation")


class SignInCase(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(OPTIONS).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.dispose()

    def client(self, token):
        return Client(self.server.url, token)

    def administrator(self):
        return self.client(self.server.token(ADMINISTRATOR))

    async def member(self, handle, **values):
        async with self.administrator() as sanna:
            return await auth.member(self.server, sanna, handle, **values)

    async def invitation(self, handle, **values):
        async with self.administrator() as sanna:
            return await auth.invitation_for(sanna, handle, **values)

    async def change_by_administrator(self, **command):
        async with self.administrator() as sanna:
            return await sanna.change(**command)

    async def assert_opens(self, token):
        async with self.client(token) as client:
            await client.room(ROOM)

    async def assert_opens_nothing(self, token, server=None):
        with self.assertRaises(Refused) as refused:
            await Client((server or self.server).url, token).connect()
        self.assertEqual((refused.exception.error.reason, refused.exception.error.field), ("token_invalid", "token"))

    async def told_to_sign_in_again(self, client):
        await client.until(lambda: any(n.HasField("sign_in_again") for n in client.of_kind("notice")), "sign_in_again")
