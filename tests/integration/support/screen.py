"""A terminal of a few lines: what a program has drawn on it, and keys for the program. Knows what libedit sends for TERM=xterm."""

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from . import deadline

SEQUENCE = re.compile(r"\x1b\[([0-9;?]*)([@A-Za-z])|\x1b[=>78]|\x1b\([A-Z0-9]")


class Screen:
    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.wraps = False  # the last column is written: the next character goes to the next row
        self.waiting = ""
        self.unknown = set()

    def lines(self):
        return ["".join(row).rstrip() for row in self.cells]

    def write(self, text):
        text = self.waiting + text
        self.waiting = ""
        while text:
            found = SEQUENCE.match(text)
            if found:
                if found[2]:
                    self.obey(found[2], found[1])
                text = text[found.end():]
            elif text[0] == "\x1b":
                self.waiting = text
                return
            else:
                self.put(text[0])
                text = text[1:]

    def put(self, char):
        if char == "\r":
            self.column, self.wraps = 0, False
        elif char == "\n":
            self.line_feed()
        elif char == "\b":
            self.column, self.wraps = max(0, self.column - 1), False
        elif char >= " ":
            if self.wraps:
                self.column, self.wraps = 0, False
                self.line_feed()
            self.cells[self.row][self.column] = char
            self.wraps = self.column == self.columns - 1
            self.column = min(self.column + 1, self.columns - 1)
        elif char != "\a":
            self.unknown.add(char)

    def line_feed(self):
        if self.row == self.rows - 1:
            self.cells = self.cells[1:] + [[" "] * self.columns]
        else:
            self.row += 1

    def obey(self, command, parameters):
        number = int(parameters) if parameters.isdigit() else 0
        line, step = self.cells[self.row], max(1, number)
        self.wraps = False
        if command in "ABCD":
            down, right = {"A": (-1, 0), "B": (1, 0), "C": (0, 1), "D": (0, -1)}[command]
            self.row = min(max(0, self.row + down * step), self.rows - 1)
            self.column = min(max(0, self.column + right * step), self.columns - 1)
        elif command in "JK":
            line[self.column:] = [" "] * (self.columns - self.column)
            for row in range(self.row + 1, self.rows) if command == "J" else ():
                self.cells[row] = [" "] * self.columns
        elif command == "@":
            line[self.column:] = ([" "] * step + line[self.column:])[:self.columns - self.column]
        elif command == "P":
            line[self.column:] = line[self.column + step:] + [" "] * min(step, self.columns - self.column)
        elif command not in "mhl":
            self.unknown.add("CSI " + parameters + command)


class Terminal:
    """A program on a terminal of its own, as its session's foreground."""

    def __init__(self, command, rows=30, columns=80, environment=None):
        self.screen = Screen(rows, columns)
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.raw = b""
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.modes = termios.tcgetattr(self.theirs)
        names = {"TERM": "xterm", "LC_ALL": "C", "NO_COLOR": "1", "PATH": os.environ["PATH"], **(environment or {})}

        def own_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(command, stdin=self.theirs, stdout=self.theirs, stderr=self.theirs, env=names, preexec_fn=own_terminal)

    def type(self, text):
        os.write(self.ours, text if isinstance(text, bytes) else text.encode())

    def read(self, seconds):
        """Draws what the program has written. False: nothing came within the time."""
        if not select.select([self.ours], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.ours, 65536)
        except OSError:
            return False
        self.raw += data
        self.screen.write(self.decoder.decode(data))
        return bool(data)

    def until(self, condition, what):
        """Draws until the screen's lines fulfil the condition. Returns them."""
        end = time.monotonic() + deadline.SECONDS
        while not condition(self.screen.lines()):
            if time.monotonic() > end:
                raise AssertionError(f"not on the screen: {what}\n" + "\n".join(self.screen.lines()))
            self.read(0.1)
        return self.screen.lines()

    def until_line(self, line):
        return self.until(lambda lines: line in lines, line)

    def until_prompt(self, typed=""):
        """The line that is typed stands whole below everything else."""
        def last(lines):
            shown = [line for line in lines if line]
            return shown and shown[-1] == ("> " + typed).rstrip()
        return self.until(last, "> " + typed)

    def wait(self):
        """The exit status; draws what comes until then."""
        deadline.until(lambda: self.read(0) or self.process.poll() is not None, "the program ends")
        while self.process.poll() is None or self.read(0):
            self.read(0.05)
        return self.process.returncode

    def end(self):
        self.process.kill()
        self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)
