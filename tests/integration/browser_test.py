"""A browser's sign-in over TLS: a cookie that no script reads, for pages of the listed origins only."""

import asyncio
import http.cookies
import shutil
import unittest

import websockets
import websockets.exceptions

from support import auth, deadline
from support.calls import post
from support.cases import UNLIMITED
from support.server import Server, temporary_directory
from support.wire import Client, pb
from tls_test import Certificate

ORIGIN, FOREIGN = "https://foorumi.example", "https://foorumi.example.evil.example"
ADMINISTRATOR = "sanna.heino"
COOKIE = "__Host-foorumi"


class Browser(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = temporary_directory()
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        files = Certificate(cls.directory)
        trusted = files.make("forum")
        cls.server = Server({**UNLIMITED, **auth.UNHURRIED, **files.options(), "http.origins": [ORIGIN]})
        cls.server.tls = trusted
        cls.addClassCleanup(cls.server.dispose)
        cls.server.start()

        async def come():
            async with Client(cls.server.url, cls.server.token(ADMINISTRATOR), tls=trusted) as sanna:
                return await auth.member(cls.server, sanna, "selain.sorsa")

        cls.member = asyncio.run(come())

    def page(self, path, body=None, origin=ORIGIN, cookie=None):
        headers = {"Origin": origin, **({"Cookie": f"{COOKIE}={cookie}"} if cookie else {})}
        return post(self.server, path, body, headers=headers)

    def sign_in(self, origin=ORIGIN):
        return self.page("/auth/sign-in", {"name": self.member.handle, "password": self.member.password}, origin)

    def cookie_of(self, answer):
        return http.cookies.SimpleCookie(answer.headers["set-cookie"])[COOKIE]

    async def hello(self, cookie, origin=ORIGIN):
        """The answer to a Hello without a token, over a socket that brings the cookie."""
        headers = {"Cookie": f"{COOKIE}={cookie}"}
        request = pb.ClientFrame(requests=[pb.Request(id=1, hello=pb.Hello(client="page", protocol_min=1, protocol_max=1))])
        async with websockets.connect(self.server.url, subprotocols=["foorumi.v1"], ssl=self.server.tls, origin=origin,
                                      extra_headers=headers) as socket:
            await socket.send(request.SerializeToString())
            frame = pb.ServerFrame.FromString(await deadline.within(socket.recv(), "the answer to Hello"))
            return frame.items[0].response

    async def test_GetsACookieAndNoTokenAndTheSocketOpensWithIt(self):
        answer = self.sign_in()
        self.assertEqual(answer.status, 200)
        self.assertEqual(set(answer.json), {"expires_ms", "second_factor"})
        cookie = self.cookie_of(answer)
        self.assertEqual((cookie["path"], cookie["samesite"], cookie["domain"]), ("/", "Strict", ""))
        self.assertTrue(cookie["secure"] and cookie["httponly"])
        self.assertRegex(cookie.value, r"\A[A-Za-z0-9_-]{43}\Z")
        self.assertNotIn(cookie.value.encode(), answer.body)
        welcome = (await self.hello(cookie.value)).welcome
        self.assertEqual(welcome.self.handle, self.member.handle)

        gone = self.page("/auth/sign-out", {}, cookie=cookie.value)
        self.assertEqual(gone.status, 200)
        forgotten = self.cookie_of(gone)
        self.assertEqual((forgotten.value, forgotten["max-age"]), ("", "0"))
        self.assertEqual((await self.hello(cookie.value)).error.reason, "token_invalid")

    async def test_SecondFactorAndAcceptingGiveCookiesToo(self):
        async with Client(self.server.url, self.server.token(ADMINISTRATOR), tls=self.server.tls) as sanna:
            invitation = await auth.invitation_for(sanna, "sivu.sirpi")
        password = auth.new_password()
        accepted = self.page("/auth/accept", {"invitation": invitation, "password": password})
        self.assertEqual((accepted.status, set(accepted.json)), (200, {"expires_ms", "second_factor"}))
        cookie = self.cookie_of(accepted).value
        made = self.page("/auth/totp", {"password": password}, cookie=cookie).json
        app = auth.Authenticator(made["secret"])
        confirmed = self.page("/auth/totp/confirm", {"password": password, "sealed": made["sealed"], "code": app.code()}, cookie=cookie)
        self.assertEqual(confirmed.status, 200, confirmed.body)
        self.assertNotIn("token", confirmed.json)
        pending = self.cookie_of(self.page("/auth/sign-in", {"name": "sivu.sirpi", "password": password}))
        self.assertLessEqual(int(pending["max-age"]), 10 * 60)
        self.assertEqual((await self.hello(pending.value)).error.reason, "token_invalid")
        whole = self.page("/auth/second-factor", {"code": app.code()}, cookie=pending.value)
        self.assertEqual((whole.status, set(whole.json)), (200, {"expires_ms", "second_factor"}))
        self.assertEqual((await self.hello(self.cookie_of(whole).value)).welcome.self.handle, "sivu.sirpi")

    def test_CookieTwiceIsRefused(self):
        twice = {"Origin": ORIGIN, "Cookie": f"{COOKIE}={auth.new_token()}; {COOKIE}={auth.new_token()}"}
        answer = post(self.server, "/auth/sign-out", {}, headers=twice)
        self.assertEqual((answer.status, answer.error), (400, ("malformed", "cookie_malformed", "")))

    async def test_OtherOriginsGetNothingAndTheCookieAloneOpensNothing(self):
        cookie = self.cookie_of(self.sign_in()).value
        for origin in (FOREIGN, "null", "http://foorumi.example", ORIGIN + ":444"):
            self.assertEqual(self.sign_in(origin).error[:2], ("forbidden", "origin_not_allowed"), origin)
            with self.assertRaises(websockets.exceptions.InvalidStatusCode) as refused:
                await self.hello(cookie, origin)
            self.assertEqual(refused.exception.status_code, 403)
        bare = post(self.server, "/auth/sign-out", {}, headers={"Cookie": f"{COOKIE}={cookie}"})
        self.assertEqual(bare.error[:2], ("forbidden", "origin_not_allowed"))
        self.assertEqual((await self.hello(cookie, None)).error.reason, "token_invalid", "no origin: the cookie is passed over")
        # A page cannot act with a token that it has got hold of as a bearer.
        bearer = post(self.server, "/auth/sign-out", {}, cookie, headers={"Origin": ORIGIN})
        self.assertEqual(bearer.error[:2], ("unauthenticated", "token_invalid"))
        self.assertEqual((await self.hello(cookie)).welcome.self.handle, self.member.handle)


if __name__ == "__main__":
    unittest.main(verbosity=2)
