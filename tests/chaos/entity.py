"""An entity as journals and final states have it (journals.py)."""

import hashlib


def described(entity):
    """An entity as the journal has it. The digest is of all of it."""
    told = {"key": entity.key, "version": entity.version,
            "digest": hashlib.blake2b(entity.SerializeToString(deterministic=True), digest_size=8).hexdigest()}
    kind = entity.WhichOneof("value")
    if kind == "message":
        message = entity.message
        told.update(thread=message.thread, author=message.author, text=message.text, deleted=message.deleted_ms != 0)
    elif kind == "reactions":
        told.update(reactions=[[r.emoji, sorted(r.members)] for r in entity.reactions.reactions])
    elif kind == "thread":
        told.update(title=entity.thread.title, author=entity.thread.author, locked=entity.thread.locked)
    elif kind is None:
        told.update(gone=True)
    return told
