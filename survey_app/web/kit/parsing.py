"""Parsing HTTP quickly, and no head of any length."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD: Final = 64 * 1024
"""Bytes of a request that are not its body: its head and what stands between and after the parts of a body."""


class BoundedHttp(HttpToolsProtocol):
    """One connection. The parser keeps a head of any length in memory; this ends one that grows too long."""

    _around = 0

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, and count what of it is no body."""
        self._around += len(data)
        super().data_received(data)
        if self._around > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")

    def on_body(self, body: bytes) -> None:
        """Take a part of the body: the app itself limits those."""
        self._around -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Start to count anew."""
        self._around = 0
        super().on_message_complete()
