"""What the contract says before its operations: how to sign in, send again, read refusals, page, and follow changes."""

from typing import Any, Final

from schemas.identity import KeyScopeName

INTRODUCTION: Final = """\
Dispatch hands out printed anti-fraud material through courier firms and riders, and shows honestly how many households
it reached. This document is what its pages and partners' systems are built on; it can be read at `/api/docs`.

**Signing in.** A partner's system sends its key as `Authorization: Bearer …`; a firm manager makes keys, each with the
scopes it needs: every operation names the one that opens it (`x-key-scopes`). `GET /api/me` names those of the key in
use. Pages use the session cookie; every write with the cookie also needs the header
`X-Requested-With: dispatch`.

**Sending again.** Ids of what is created are UUIDv7 made by the client. After a lost connection, 429, 500 or 503 send
the same request with the same ids: nothing is recorded twice.

**Refusals** are problem documents (RFC 9457, `application/problem+json`). Branch on `type`, which keeps its meaning;
treat a `type` you do not know by its status. `x-problems` lists those of each operation, and each `type` is an address
that explains it.

**Lists** that may be long come in pages: pass `limit`, and `cursor` from the answer before, unchanged.

**Changes.** Answers may gain members, and operations may gain refusals: ignore what you do not know. Nothing that
breaks a program comes without notice: what will go is marked `deprecated`, and its answers carry the headers
`Deprecation` and `Sunset`. `/api/docs/changes` lists every change.

Instants are RFC 3339 with an offset; days are days of the city's own calendar. Cells and coordinates are in the city's
datum, which every answer with coordinates names.
"""

KEY_SCOPES: Final[dict[KeyScopeName, str]] = {
    "read": "campaigns, zones, materials, outlets, depots, invitations, capacity, stock, refused records",
    "report": "report handouts",
    "correct": "take reported handouts back, wholly or in part",
    "read_handouts": "read back the firm's own handouts and what became of what was reported",
    "claims": "list batches on offer; claim, extend, release; list claims",
    "waybills": "list waybills and confirm what arrived",
    "riders": "list riders and import them from a table",
    "capacity": "declare what outlets can hand out",
}
"""What each scope of a key opens."""

SECURITY: Final[dict[str, Any]] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "The key of a partner's system, of a firm or of one outlet. It sees and does no more than the "
        "manager there, and of that only what its scopes open:\n\n"
        + "\n".join(f"- `{scope}`: {words}" for scope, words in KEY_SCOPES.items()),
    },
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token that signing in answers with.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-dispatch_session",
        "description": "The session of a page. A server that runs without HTTPS names it `dispatch_session`. Writes "
        "need the header `X-Requested-With: dispatch` with it.",
    },
}
