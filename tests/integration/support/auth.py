"""Members who came in as people do: by an invitation, with a password, and with a second factor where one is needed."""

import base64
import dataclasses
import hashlib
import hmac
import re
import secrets
import struct
import subprocess
import time

from . import deadline
from .calls import post
from .server import FOORUMID
from .wire import Client, entities, pb

STEP_S = 30
DEVICE = "koelaite"
# Nobody waits for tries to sign in.
UNHURRIED = {"sign_in.account_tries": 100, "sign_in.address_tries": 10000}


def token_hash(token):
    return hashlib.blake2b(token.encode(), digest_size=32).hexdigest()


def session_id(token):
    """As what ListSessions tells of the sign-in."""
    return token_hash(token)[:16]


def new_token():
    """43 characters of base64url."""
    return secrets.token_urlsafe(32)


def new_password():
    return "kivi-" + secrets.token_hex(10)


def totp(secret, step):
    """RFC 6238 with HMAC-SHA-1 and six digits. `secret`: base32."""
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


class Authenticator:
    """An app that never shows a code twice. The server takes codes of one step before and behind."""

    def __init__(self, secret):
        self.secret = secret
        self._last = 0

    def _oldest(self):
        return int((time.time() + 5) // STEP_S) - 1  # which the server still takes for 5 seconds at least

    def code(self):
        """The next code; waits for it where three within 30 seconds are not enough."""
        step = max(self._last + 1, self._oldest())
        deadline.until(lambda: step <= time.time() // STEP_S + 1, "the next code's time", 2 * STEP_S)
        self._last = step
        return totp(self.secret, step)


@dataclasses.dataclass
class Account:
    """A member's own knowledge. `token`: of the sign-in that came with the invitation."""
    handle: str
    email: str
    password: str
    name: str = ""
    token: str = ""
    id: int = 0
    app: Authenticator = None
    recovery: list = None


def sign_in(server, name, password, **how):
    return post(server, "/auth/sign-in", {"name": name, "password": password, "device": DEVICE}, **how)


def accept(server, invitation, password, **how):
    return post(server, "/auth/accept", {"invitation": invitation, "password": password, "device": DEVICE}, **how)


def second_factor(server, token, **shown):
    """`shown`: code=... or recovery=..."""
    return post(server, "/auth/second-factor", shown, token)


def set_up_second_factor(server, account, token=None):
    """Pairs the first app. The account's token is whole then, and the one of before gone where it was pending."""
    token = token or account.token
    made = post(server, "/auth/totp", {"password": account.password}, token)
    assert made.status == 200, made
    account.app = Authenticator(made.json["secret"])
    confirmed = post(server, "/auth/totp/confirm", {"password": account.password, "sealed": made.json["sealed"],
                                                    "code": account.app.code()}, token)
    assert confirmed.status == 200, confirmed
    account.recovery = confirmed.json["recovery"]
    account.token = confirmed.json.get("token", token)


def signed_in(server, account, **how):
    """A further whole sign-in: its token."""
    answer = sign_in(server, account.handle, account.password, **how)
    assert answer.status == 200, answer
    if answer.json["second_factor"] == "done":
        return answer.json["token"]
    assert answer.json["second_factor"] == "code", answer
    answer = second_factor(server, answer.json["token"], code=account.app.code())
    assert answer.status == 200, answer
    return answer.json["token"]


def enter(server, account, invitation):
    """Accepts, and sets the second factor up where it is asked for. Returns the account with its token."""
    answer = accept(server, invitation, account.password)
    assert answer.status == 200, answer
    account.token = answer.json["token"]
    if answer.json["second_factor"] == "setup":
        set_up_second_factor(server, account)
    return account


def create_administrator(server, name, handle, email):
    """What the operator does, beside the running server. Returns the finished process."""
    arguments = [word for word in server.arguments if word != "--demo"]
    return subprocess.run([FOORUMID, "--data", server.data, *arguments, "admin", "create", "--name", name, "--handle", handle,
                           "--email", email], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          timeout=deadline.SECONDS)


def token_in(text):
    """The one line of an output that is a token."""
    token, = re.findall(r"^\s*([A-Za-z0-9_-]{43})\s*$", text, re.MULTILINE)
    return token


def administrator(server, handle="ylla.pitaja", name="Ylla Pitäjä"):
    account = Account(handle, f"{handle}@kunta.example", new_password(), name)
    created = create_administrator(server, name, handle, account.email)
    assert created.returncode == 0, created
    return enter(server, account, token_in(created.stdout))


def standing(*roles, term=0, **values):
    """`values`: the other fields of Standing."""
    grants = [pb.Standing.Grant(role=getattr(entities, "ROLE_" + role.upper()), term=term) for role in roles]
    return pb.Standing(grants=grants, **values)


def person(handle, **values):
    """Invite's fields for somebody of this handle, whom no other name looks like."""
    name = " ".join(part.capitalize() for part in handle.split("."))
    return {"name": name, "handle": handle, "email": f"{handle}@kunta.example", "standing": standing("councillor"), **values}


async def invitation_for(client, handle, **values):
    """Invites by `client`. Returns the token, which only who invites has."""
    token = new_token()
    await client.change(invite=pb.Invite(invitation=token_hash(token), **person(handle, **values)))
    return token


async def member(server, client, handle, **values):
    """A member who was invited by `client` and has come in."""
    token = await invitation_for(client, handle, **values)
    who = person(handle, **values)
    account = enter(server, Account(handle, who["email"], new_password(), who["name"]), token)
    async with Client(server.url, account.token, tls=server.tls) as own:
        account.id = own.welcome.self.id
    return account
