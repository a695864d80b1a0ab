"""What the terminal client does when standard output is full, slow or has no reader: nothing is lost silently."""

import array
import fcntl
import json
import os
import signal
import subprocess
import termios
import unittest

from cli_test import AINO, DONE, REFUSED, ROOM, UNKNOWN, Cli
from support import deadline, lines, processes
from support.server import FOORUMI


def waiting_bytes(pipe):
    """How much has been written into the pipe and not read."""
    size = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, size)
    return size[0]


class OutputCase(Cli):
    def client(self, handle, *words, **streams):
        command = [FOORUMI, "--server", self.server.url, "--token-file", self.server.token_file(handle), *map(str, words)]
        process = subprocess.Popen(command, **{"stdin": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True, **streams})
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        process.kill()
        process.communicate()

    def to_full_disk(self, *words, **streams):
        with open("/dev/full", "w", encoding="utf-8") as full:
            process = self.client(AINO, *words, stdout=full, **streams)
        return process, process.communicate(timeout=deadline.SECONDS)[1]

    def stop_redis(self):
        """Redis stands still: what is sent now gets no answer."""
        for pid in processes.redis_children(self.server.data):
            os.kill(pid, signal.SIGSTOP)
            self.addCleanup(os.kill, pid, signal.SIGCONT)


class FullDisk(OutputCase):
    def test_IsToldAndIsNoSuccess(self):
        for words in (("forums",), ("--json", "whoami"), ("--help",), ("follow", ROOM, "--json"), ("chat", ROOM)):
            with self.subTest(words):
                process, told = self.to_full_disk(*words)
                self.assertEqual(process.returncode, REFUSED, told)
                self.assertIn("output_failed", told)

    def test_TheAcknowledgementGoesToStandardError(self):
        thread = self.start()
        process, told = self.to_full_disk("--json", "post", ROOM, thread, "talteen")
        self.assertEqual(process.returncode, REFUSED)
        history = self.json(AINO, "history", ROOM, thread)["messages"]
        self.assertEqual([m["message"]["text"] for m in history], ["Alku", "talteen"])
        self.assertIn(json.dumps(history[1]["key"].split(":")[1]), told)

    def test_EveryLineThatWasReadIsToldOf(self):
        thread = self.start()
        with subprocess.Popen(["seq", "1", "20"], stdout=subprocess.PIPE) as numbers:
            process, told = self.to_full_disk("--json", "post", ROOM, thread, "-", "--window", 1, stdin=numbers.stdout)
        self.assertIn(process.returncode, (REFUSED, UNKNOWN), told)
        posted = self.texts(thread)[1:]
        self.assertTrue(posted)
        self.assertIn('"line":1,', told)
        for number in range(len(posted) + 1, 21):
            self.assertIn(f"rivi {number}:", told)


class SlowReader(OutputCase):
    def test_AFullPipeInNonBlockingModeIsWaitedFor(self):
        thread = self.start()
        self.run_(AINO, "post", ROOM, thread, "-", text="".join(f"{n} " + "x" * 4000 + "\n" for n in range(50)))
        ours, theirs = os.pipe()
        os.set_blocking(theirs, False)
        process = self.client(AINO, "--json", "history", ROOM, thread, "--limit", 50, stdout=theirs)
        os.close(theirs)
        deadline.until(lambda: waiting_bytes(ours) >= 65536, "the pipe is full")
        with open(ours, encoding="utf-8") as reader:
            messages = lines.answer(reader.read())["messages"]
        self.assertEqual(len(messages), 50)
        self.assertEqual(process.wait(timeout=deadline.SECONDS), DONE)


class GoneReader(OutputCase):
    def test_EndsWithoutComplaint(self):
        ours, theirs = os.pipe()
        os.close(ours)
        process = self.client(AINO, "forums", stdout=theirs)
        os.close(theirs)
        self.assertEqual(process.communicate(timeout=deadline.SECONDS)[1], "")
        self.assertEqual(process.returncode, DONE)

    def test_AChangeUnderWayIsToldOf(self):
        chat = self.client(AINO, "chat", ROOM, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        while "/help" not in (line := chat.stdout.readline()):
            self.assertTrue(line, "chat ended")
        self.stop_redis()
        chat.stdin.write("matkalla\n/help\n")
        chat.stdin.flush()
        while "/quit" not in chat.stdout.readline():
            pass
        chat.stdout.close()
        chat.stdin.write("/help\n")
        chat.stdin.flush()
        self.assertEqual(chat.wait(timeout=deadline.SECONDS), UNKNOWN)
        self.assertRegex(chat.stderr.read(), "--change-id [0-9a-f]{32}")


class PipedChat(OutputCase):
    def chat(self, text):
        return subprocess.run([FOORUMI, "--server", self.server.url, "--token-file", self.server.token_file(AINO), "chat", ROOM],
                              input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=deadline.SECONDS, check=False)

    def test_ARefusedLineShowsInTheStatus(self):
        self.assertEqual(self.chat("hyvä rivi\n").returncode, DONE)
        for text in ("x" * 20000 + "\nhyvä\n", "/delete 999999\n", "/tanssi\n", "/reply 5\n"):
            with self.subTest(text[:10]):
                done = self.chat(text)
                self.assertEqual(done.returncode, REFUSED, done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
