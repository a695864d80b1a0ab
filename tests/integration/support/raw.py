"""A WebSocket as bytes, for what a decent library refuses to send. Blocking, one socket, every read has a deadline."""

import base64
import os
import socket
import struct
import time

from . import deadline
from .wire import pb

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA


class RawSocket:
    def __init__(self, port, source=None, receive_buffer=None, segment=None):
        """segment: the largest that it takes, as on a network; that of loopback makes the other side keep megabytes for it."""
        self.closed_with = None
        self.items = []
        self._received = b""
        self._socket = socket.socket()
        self._socket.settimeout(deadline.SECONDS)
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if segment:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment)
        if source:
            self._socket.bind((source, 0))
        try:
            self._socket.connect(("127.0.0.1", port))
        except OSError:
            self._socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def fileno(self):
        return self._socket.fileno()

    # --- handshake

    def handshake(self, protocol="foorumi.v1", extra=()):
        """Returns the HTTP status."""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = ["GET / HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
                 "Sec-WebSocket-Version: 13", *extra]
        if protocol is not None:
            lines.append(f"Sec-WebSocket-Protocol: {protocol}")
        self.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self._received:
            if not self._fill():
                return 0
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1])

    def open(self, token=None):
        """Handshake, and Hello where there is a token."""
        assert self.handshake() == 101
        if token is not None:
            self.send(pb.Request(id=1, hello=hello(token)))
            response = self.response(1)
            assert response.HasField("welcome"), response
        return self

    # --- sending

    def write(self, data):
        self._socket.sendall(data)

    def send_frame(self, payload, opcode=BINARY, final=True):
        self.write(frame_header(len(payload), opcode, final) + bytes(b ^ m for b, m in zip(payload, MASK * (len(payload) // 4 + 1))))

    def send(self, *requests):
        self.send_frame(pb.ClientFrame(requests=requests).SerializeToString())

    def _pong(self, payload):
        try:
            self.send_frame(payload, PONG)
        except OSError:
            pass  # ended meanwhile: the reads that follow say how

    # --- receiving

    def _fill(self):
        try:
            data = self._socket.recv(65536)
        except ConnectionResetError:
            data = b""
        self._received += data
        return bool(data)

    def _take(self, count):
        while len(self._received) < count:
            if not self._fill():
                return None
        data, self._received = self._received[:count], self._received[count:]
        return data

    def read_message(self):
        """(opcode, payload) of the next message or control frame; None at the end of the connection."""
        head = self._take(2)
        if head is None:
            return None
        length = head[1] & 0x7F
        if length == 126:
            length, = struct.unpack(">H", self._take(2) or b"\0\0")
        elif length == 127:
            length, = struct.unpack(">Q", self._take(8) or bytes(8))
        payload = self._take(length)
        if payload is None:
            return None
        assert head[0] & 0x80, "the server's frames are whole"
        return head[0] & 0x0F, payload

    def next_item(self):
        """The next item; answers pings. None once the connection is closed (then closed_with is set, if it was said)."""
        while not self.items:
            message = self.read_message()
            if message is None:
                return None
            opcode, payload = message
            if opcode == BINARY:
                self.items += pb.ServerFrame.FromString(payload).items
            elif opcode == PING:
                self._pong(payload)
            elif opcode == CLOSE:
                self.closed_with, = struct.unpack(">H", payload[:2])
                return None
        return self.items.pop(0)

    def response(self, request_id):
        """The Response with this id; other items are passed over."""
        while True:
            item = self.next_item()
            assert item is not None, f"closed with {self.closed_with} before the answer to {request_id}"
            if item.HasField("response") and item.response.id == request_id:
                return item.response

    def read_to_end(self):
        """All bytes up to the end of the connection, whatever they are."""
        while self._fill():
            pass
        return self._received

    def await_end(self):
        """Reads to the end of the connection without answering, as a peer that is gone would not. Returns the seconds it took."""
        begin = time.monotonic()
        while self.next_item() is not None:
            pass
        while self.closed_with is None and self._fill():
            pass
        return time.monotonic() - begin


MASK = b"\x12\x34\x56\x78"


def frame_header(length, opcode=BINARY, final=True):
    """The masked header of a frame that announces `length` bytes."""
    first = (0x80 if final else 0) | opcode
    if length < 126:
        return struct.pack(">BB", first, 0x80 | length) + MASK
    if length < 65536:
        return struct.pack(">BBH", first, 0x80 | 126, length) + MASK
    return struct.pack(">BBQ", first, 0x80 | 127, length) + MASK


def hello(token):
    return pb.Hello(client="raw test", protocol_min=1, protocol_max=1, language="en", token=token)


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, payload):
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def raw_request(body, request_id=7):
    """A ClientFrame with one request of these bytes behind its id."""
    return field(1, b"\x08" + varint(request_id) + body)
