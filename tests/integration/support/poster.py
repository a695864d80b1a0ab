"""Members who post one message after the other, and repeat with the same id what was not answered with certainty: what a client does."""

import contextlib

from . import deadline
from .wire import ENDED, Client, Refused, new_change_id, now_ms, pb

# Of an answer that leaves open whether it was done, or says that it was not and may be later.
UNSURE = {"outcome_unknown", "store_unavailable", "overloaded", "contended", "stopping",
          "replicas_missing"}


class Poster:
    """One member in one thread. `texts`: in the order of posting, of which the first `committed` were acknowledged; `unsure`: the reasons
    that were answered instead."""

    def __init__(self, url, token, room, thread, name):
        self.url, self.token, self.room, self.thread, self.name = url, token, room, thread, name
        self.texts = []
        self.committed = 0
        self.unsure = []
        self._ids = []
        self._client = None

    async def post(self):
        """The next message, until it is committed."""
        self.texts.append(f"{self.name} {len(self.texts)}")
        self._ids.append((new_change_id(), now_ms()))
        await self._commit(len(self.texts) - 1)
        self.committed += 1

    async def repeat_all(self):
        """Every message again with its id: what was lost is made again, all else is answered as before."""
        return [await self._commit(n) for n in range(len(self.texts))]

    async def run(self, until):
        while not until():
            await self.post()

    async def _commit(self, number):
        change_id, made_at = self._ids[number]
        message = pb.PostMessage(room=self.room, thread=self.thread, text=self.texts[number])
        while True:
            try:
                if self._client is None:
                    self._client = await self._connect()
                return (await self._client.request(change_id=change_id, made_at_ms=made_at, post_message=message)).committed
            except Refused as refused:
                self.note(refused.error.reason)
                await deadline.before_retry(refused.error.retry_after_ms)
            except ENDED:
                self.note("lost")
                await self.close()

    async def _connect(self):
        client = Client(self.url, self.token)
        try:
            return await client.connect()
        except Refused:
            await client.close()
            raise

    def note(self, reason):
        assert reason in UNSURE | {"lost"}, reason
        self.unsure.append(reason)

    async def close(self):
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(*ENDED):
                await client.close()


async def texts_of(client, room, thread):
    """All messages of the thread in their order."""
    found, after = [], 1
    while True:
        page = await client.history(room, thread, after=after)
        found += [entity.message.text for entity in page.messages]
        if not page.more:
            return found
        after = int(page.messages[-1].key.split(":")[1])
