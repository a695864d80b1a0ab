"""docs/protocol.md tells of every command, every reason and every close; its example bytes are what protobuf makes."""

import json
import os
import re
import unittest

from support import demo
from support.raw import pb

from google.protobuf import json_format


def read(*path):
    with open(os.path.join(demo.ROOT, *path), encoding="utf-8") as file:
        return file.read()


PAGE = read("docs", "protocol.md")
REASON = re.compile(r"`([a-z][a-z0-9_]*)`")


class ProtocolPage(unittest.TestCase):
    def table(self, heading):
        return PAGE.split(heading, 1)[1].split("\n## ", 1)[0]

    def test_EveryCommandHasARowWithItsFields(self):
        rows = {}
        for line in self.table("## 3. ").splitlines():
            cells = line.split("|")
            if line.startswith("| `"):
                rows[cells[1].strip(" `")] = cells[2]
        commands = {f.name: f for f in pb.Request.DESCRIPTOR.oneofs_by_name["command"].fields}
        self.assertEqual(set(rows), set(commands))
        for name, command in commands.items():
            for field in command.message_type.fields:
                self.assertIn(field.name, rows[name], f"field of {name}")

    def test_EveryReasonThatTheServerGivesHasARowAndATextAndTheOtherWayRound(self):
        import tomllib

        catalogue = set(tomllib.loads(read("config", "messages", "server.en.toml"))["error"])
        sources = self.sources()
        given = {reason for reason in catalogue if f'"{reason}"' in sources}
        told = set()
        for line in self.table("## 6. ").splitlines():
            if line.startswith("| "):
                told |= set(REASON.findall(line.split("|")[2]))
        self.assertEqual(told, given)
        self.assertLessEqual(set(re.findall(r'ErrorCode::\w+, "(\w+)"', sources)), catalogue)

    def sources(self):
        text = []
        for folder in ("server", "protocol/codec"):
            for path, _, files in os.walk(os.path.join(demo.ROOT, folder)):
                text += [read(path, name) for name in files if name.endswith(".cpp")]
        return "\n".join(text)

    def test_EveryErrorCodeAndNoticeIsTold(self):
        for code in pb.Error.Code.keys():
            if code != "CODE_UNSPECIFIED":
                self.assertIn(code.removeprefix("CODE_"), self.table("## 6. "))
        for notice in pb.Notice.DESCRIPTOR.fields:
            self.assertIn(f"`{notice.name}`", self.table("## 8. "))

    def test_ExampleBytesAreWhatProtobufMakes(self):
        example = self.table("## 11. ")
        data = [bytes.fromhex("".join(self.hex_of(line) for line in block.splitlines()))
                for block in re.findall(r"(?:^    [0-9a-f ]{2}.*\n)+", example, re.M) if not block.lstrip().startswith("{")]
        hello = pb.ClientFrame.FromString(data[0]).requests[0]
        self.assertEqual((len(data[0]), hello.id, hello.hello.client, hello.hello.language), (40, 1, "example 1.0", "fi"))
        post = pb.ClientFrame.FromString(data[1]).requests[0]
        self.assertEqual((len(data[1]), post.change_id, post.post_message.text), (46, bytes(range(16)), "Hyvää!"))
        self.assertEqual((post.post_message.room, post.post_message.thread, post.made_at_ms), (7, 12, 1767225600000))
        items = pb.ServerFrame.FromString(data[2]).items
        jsons = "".join(line.strip() for line in example.splitlines() if re.match(r' +["{]', line)).replace("}{", "}\n{").splitlines()
        self.assertEqual([json_format.MessageToDict(item) for item in items], [json.loads(text) for text in jsons])

    def hex_of(self, line):
        return "".join(re.match(r"\s*((?:[0-9a-f]{2} ?)+)", line).group(1).split())


if __name__ == "__main__":
    unittest.main(verbosity=2)
