"""A process that writes to a store and says on stdout what was acknowledged, until killed.

Run as ``python -m tests.faults.store_writer FOLDER RUN [BYTES]``: ``RUN`` sets this life
apart from others, and ``BYTES`` is how large a file may grow until the disk is full.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from pathlib import Path

from bot.errors import StoreError
from bot.models import Article, Chat, DeliveryKind, Draft, Message, NewArticle, Sent, Subscription
from bot.store import open_store
from tests.contract.stage import NOW, SOURCE, at

TEXT = "söz " * 300
NEVER_AGAIN = at(10**7)  # so each chat is sent one message only
AFTERWARDS = 20  # steps that must succeed once there is room again


def say(*words: object) -> None:
    """Tell the parent, at once: what is said was acknowledged."""
    print(*words, flush=True)  # noqa: T201


async def write(folder: Path, run: int, room: int | None) -> None:
    """Archive, follow, queue and send, each step named once it has returned."""
    store = open_store("", folder)
    await store.open(exclusive=True)
    say("open")
    if room is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    number, left = run * 1_000_000, None
    while left is None or left > 0:
        number += 1
        left = None if left is None else left - 1
        try:
            article = Article(url=f"https://x.az/{number}", title=str(number), text=TEXT)
            keys = (f"link {number}", f"guid {number}")
            [stored] = await store.commit([NewArticle(article, keys, deliver=True)], SOURCE, NOW)
            say("article", number)
            chat = await store.meet(Chat(number))
            await store.follow(Subscription(number, f"topic {number}", "T"), update_id=number)
            say("follow", number)
            message = Message("sendMessage", f'{{"chat_id": {number}, "text": "{TEXT}"}}')
            await store.enqueue(
                [
                    Draft(chat.id, DeliveryKind.ALERT, message, article_id=stored.id),
                    Draft(chat.id, DeliveryKind.DIGEST, message),
                    Draft(chat.id, DeliveryKind.NOTICE, message),
                ],
                NOW,
            )
            say("queue", number)
            claims = await store.claim(at(number % 1_000_000), "writer", 1, 15)
            await store.acknowledge(
                [Sent(claim.delivery.id, claim.chat_id, 1, NOW, NEVER_AGAIN) for claim in claims]
            )
            for claim in claims:
                say("sent", claim.delivery.id)
        except StoreError as error:
            if room is None or left is not None:
                raise
            say("full", error)
            resource.setrlimit(
                resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            )
            left = AFTERWARDS
        time.sleep(0.0005)  # noqa: ASYNC251 - the parent has to come by on a busy machine
    await store.check()
    await store.close()
    say("closed")


if __name__ == "__main__":
    asyncio.run(
        write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if sys.argv[3:] else None)
    )
