"""A sentinel that names the primary that a test wants it to name."""

import socketserver
import threading


class FakeSentinel:
    """Context: serves on a loopback port until exit. `named`: the port that it names; `asked`: how often it was."""

    def __init__(self, named):
        self.named = named
        self.asked = 0
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                while True:
                    line = self.rfile.readline()
                    if not line:
                        return
                    words = []
                    for _ in range(int(line[1:])):
                        length = int(self.rfile.readline()[1:])
                        words.append(self.rfile.read(length + 2)[:-2].decode())
                    self.wfile.write(outer.answer(words))

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self):
        return f"redis+sentinel://127.0.0.1:{self._server.server_address[1]}/foorumi"

    def answer(self, words):
        if words[:2] == ["SENTINEL", "GET-MASTER-ADDR-BY-NAME"]:
            self.asked += 1
            port = str(self.named).encode()
            return b"*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%s\r\n" % (len(port), port)
        if words[:2] == ["SENTINEL", "SENTINELS"]:
            return b"*0\r\n"
        return b"+OK\r\n"
