"""Chat on a terminal: the line that is typed stays whole, whatever arrives meanwhile, and the terminal gets its modes back."""

import signal
import subprocess
import termios
import unittest

from cli_test import AINO, CONTROL, DONE, PEKKA, ROOM, Cli
from support import deadline, processes
from support.screen import Terminal
from support.server import FOORUMI


class TerminalCase(Cli):
    def chat(self, handle=AINO, **how):
        terminal = Terminal([FOORUMI, "--server", self.server.url, "--token-file", self.server.token_file(handle), "chat", ROOM], **how)
        self.addCleanup(terminal.end)
        terminal.until_prompt()
        return terminal

    def check_modes(self, terminal):
        self.assertEqual(termios.tcgetattr(terminal.theirs), terminal.modes)

    def history(self, thread):
        return [m["message"]["text"] for m in self.json(AINO, "history", ROOM, thread, "--limit", 100)["messages"]]

    def posted(self, thread, text):
        deadline.until(lambda: text in self.history(thread), f"posted: {text}")


class Typing(TerminalCase):
    def test_AHalfTypedLineSurvivesWhatArrives(self):
        thread = self.start("Pääte")
        chat = self.chat()
        chat.type("Tämä on pui")
        chat.until_prompt("Tämä on pui")
        self.run_(PEKKA, "post", ROOM, thread, "Väliin tullut viesti")
        lines = chat.until_line("    Väliin tullut viesti")
        self.assertNotIn("> Tämä on pui", lines[:lines.index("    Väliin tullut viesti")], "the prompt was left behind")
        chat.until_prompt("Tämä on pui")
        chat.type("mmoin äänestetty ööä 🙂\r")
        self.posted(thread, "Tämä on puimmoin äänestetty ööä 🙂")
        chat.until(lambda lines: any(line.startswith("  ✓ #") for line in lines), "acknowledged")
        lines = chat.until_prompt()
        self.assertIn("> Tämä on puimmoin äänestetty ööä 🙂", lines)
        self.assertEqual(chat.screen.unknown, set())

    def test_ALineOverSeveralRowsIsTakenAwayWhole(self):
        thread = self.start("Pitkä rivi")
        chat = self.chat(columns=40)
        words = " ".join(f"sana{n}" for n in range(20))
        rows = [("> " + words)[i:i + 40].rstrip() for i in range(0, len(words) + 2, 40)]
        chat.type(words)
        chat.until(lambda lines: [line for line in lines if line][-len(rows):] == rows, "the long line")
        self.run_(PEKKA, "post", ROOM, thread, "Väliin")
        lines = chat.until(lambda lines: "    Väliin" in lines and [line for line in lines if line][-len(rows):] == rows, "redrawn")
        self.assertEqual([line for line in lines if "sana0" in line], rows[:1])
        chat.type("\r")
        self.posted(thread, words)

    def test_EditingAndHistory(self):
        thread = self.start("Muokkaus")
        chat = self.chat()
        chat.type("enXsin\x1b[D\x1b[D\x1b[D\x7f\r")  # three to the left, one away
        self.posted(thread, "ensin")
        chat.until_prompt()
        chat.type("\x1b[A")
        chat.until_prompt("ensin")
        chat.type(" ja taas\r")
        self.posted(thread, "ensin ja taas")

    def test_PastedLinesAreMessagesAndTheirControlCharactersReachNobody(self):
        thread = self.start("Liitetty")
        chat = self.chat()
        chat.type("yksi\rkaksi\r".encode() + b"a\xc2\x9b31mb\xe2\x80\xaec\x16\x01\xff\r")
        self.posted(thread, "kaksi")
        texts = deadline.until(lambda: len(self.history(thread)) == 4 and self.history(thread), "three messages")
        self.assertEqual(texts[1:3], ["yksi", "kaksi"])
        chat.until(lambda lines: sum(line.startswith("  ✓ #") for line in lines) == 3, "acknowledged")
        for _ in range(200):  # what comes while a line is taken is not echoed by the kernel, either
            chat.type(b"\xc2\x9b\r")
        chat.type("viimeinen")
        chat.until_prompt("viimeinen")
        self.assertNotRegex(texts[3], CONTROL)
        self.assertNotIn("\u202e", chat.raw.decode("utf-8", "replace"))
        self.assertNotIn(b"\xc2\x9b", chat.raw)

    def test_OthersSeeThatOneTypes(self):
        self.start("Kirjoittaja")
        other = subprocess.Popen([FOORUMI, "--server", self.server.url, "--token-file", self.server.token_file(PEKKA), "chat", ROOM],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(other.communicate)
        self.addCleanup(other.kill)
        while "/help" not in other.stdout.readline():
            pass
        chat = self.chat()
        chat.type("hm")
        while "Aino Metsälä kirjoittaa" not in (line := other.stdout.readline()):
            self.assertTrue(line)


class Starting(TerminalCase):
    def test_TheFirstMessageIsAskedForAndOthersSeeTheThreadOnce(self):
        self.start("Ennen")
        other = self.chat(PEKKA)
        chat = self.chat()
        chat.type("/start Uusi aihe\r")
        chat.until(lambda lines: any("ensimmäinen viesti" in line for line in lines), "asked")
        chat.type("Avausviesti\r")
        chat.until(lambda lines: any("Uusi aihe --" in line for line in lines), "opened")
        lines = other.until_line("    Avausviesti")
        other.until_prompt()
        self.assertEqual(sum("Uusi aihe" in line for line in lines), 1)
        self.assertEqual(sum("Avausviesti" in line for line in lines), 1)
        chat.type("/start Toinen | Heti teksti\r")
        other.until_line("    Heti teksti")

    def test_AnEmptyLineGivesItUp(self):
        thread = self.start("Ennen")
        chat = self.chat()
        chat.type("/start Turha\r\r")
        chat.until(lambda lines: any("ei aloitettu" in line for line in lines), "given up")
        chat.type("tavallinen\r")
        self.posted(thread, "tavallinen")


class Leaving(TerminalCase):
    def test_KeysAndSignalsLeaveCleanlyAndGiveTheModesBack(self):
        self.start("Lähtö")
        for name, leave in (("Ctrl-D", lambda chat: chat.type("\x04")), ("Ctrl-C", lambda chat: chat.type("\x03")),
                            ("/quit", lambda chat: chat.type("/quit\r")), ("SIGTERM", lambda chat: chat.process.terminate()),
                            ("SIGHUP", lambda chat: chat.process.send_signal(signal.SIGHUP))):
            with self.subTest(name):
                chat = self.chat()
                self.assertNotEqual(termios.tcgetattr(chat.theirs), chat.modes)
                leave(chat)
                self.assertEqual(chat.wait(), DONE, chat.screen.lines())
                self.check_modes(chat)

    def test_StoppedItGivesTheTerminalBackAndGoesOnWithTheLine(self):
        self.start("Tauko")
        chat = self.chat()
        chat.type("kesken")
        chat.until_prompt("kesken")
        chat.type("\x1a")
        deadline.until(lambda: processes.state(chat.process.pid) == "T", "stopped")
        chat.until(lambda lines: "> kesken" not in lines, "the line has left the screen")
        self.check_modes(chat)
        chat.process.send_signal(signal.SIGCONT)
        chat.until_prompt("kesken")
        chat.type(" ja jatkuu")
        chat.until_prompt("kesken ja jatkuu")

    def test_ALostConnectionLeavesTheLineAlone(self):
        self.start("Virhe")
        chat = self.chat()
        chat.type("kesken")
        chat.until_prompt("kesken")
        self.server.kill()
        chat.until(lambda lines: any("Yhteys katkesi" in line for line in lines), "lost")
        chat.until_prompt("kesken")
        self.server.start()
        chat.until_line("Yhteys palautui")
        chat.until_prompt("kesken")
        chat.type("\x03")
        self.assertEqual(chat.wait(), DONE)
        self.check_modes(chat)

    def test_AnOrderlyStopIsToldAsSuch(self):
        self.start("Pysäytys")
        chat = self.chat()
        self.server.restart()
        lines = chat.until_line("Yhteys palautui")
        told, = [line for line in lines if line.startswith("Yhteys katkesi")]
        self.assertNotIn("()", told)
        self.assertNotIn(" ms", told)
        self.assertIn("palvelin on sulkeutumassa", told)


class Reading(TerminalCase):
    def test_MarkdownIsStyledAndLongTextsAreBrokenBetweenWords(self):
        thread = self.start("Muotoilu", "**vahva** @" + PEKKA)
        self.run_(AINO, "post", ROOM, thread, " ".join(["sanoja"] * 20))
        plain = self.words(AINO, "history", ROOM, thread)
        self.assertIn("**vahva** @" + PEKKA, plain)
        history = Terminal(["/usr/bin/env", "-u", "NO_COLOR", FOORUMI, "--server", self.server.url, "--token-file",
                            self.server.token_file(AINO), "history", ROOM, str(thread)], columns=40)
        self.addCleanup(history.end)
        self.assertEqual(history.wait(), DONE)
        self.assertIn(f"\x1b[1mvahva\x1b[22m \x1b[1m@{PEKKA}\x1b[22m".encode(), history.raw)
        self.assertIn("    sanoja sanoja sanoja sanoja sanoja", history.screen.lines())
        self.assertTrue(all(len(line) <= 40 for line in history.screen.lines()))


if __name__ == "__main__":
    unittest.main(verbosity=2)
