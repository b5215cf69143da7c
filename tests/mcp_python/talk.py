"""Talks to a server with the official client from PyPI, and prints as JSON what came back. What should come back, the test knows.

    python3 talk.py legacy|auto URL TOKEN

`legacy` begins with initialize, as all revisions up to 2025-11-25 do; `auto` asks for the newest revision that both know.
"""

import asyncio
import json
import sys

from mcp.client import Client
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

mode, url, token = sys.argv[1:]


def plain(value):
    return value.model_dump(mode="json", by_alias=True, exclude_none=True)


async def outcome(promise):
    """Returns what came of it, or that it failed and how."""
    try:
        return plain(await promise)
    except BaseException as error:
        return {"thrown": words(error)}


def words(error):
    """All that an error says, with the errors of the tasks below it."""
    inner = getattr(error, "exceptions", ())
    return "; ".join([str(error), *map(words, inner)])


async def talk():
    http = create_mcp_http_client(headers={"Authorization": f"Bearer {token}"})
    async with http, Client(streamable_http_client(url, http_client=http), mode=mode) as client:
        return {
            "agreed": client.protocol_version,
            "server": plain(client.server_info),
            "tools": plain(await client.list_tools())["tools"],
            "read": await outcome(client.call_tool("list_workflows", {})),
            "refused": await outcome(client.call_tool("get_workflow", {"workflow_id": "none"})),
            "unknown": await outcome(client.call_tool("dance", {})),
            "steps": await outcome(client.get_prompt("workflows", {"topic": "steps"})),
        }


try:
    said = asyncio.run(talk())
except BaseException as error:
    said = {"thrown": words(error)}
print(json.dumps(said))
