#!/usr/bin/env python3
"""The forgetful file system by itself: what a loss of power leaves, and that it is a file system otherwise. Skipped where it cannot be
mounted."""

import asyncio
import fcntl
import os
import shutil
import socket
import sys
import tempfile
import unittest

from disks import ForgetfulDisk


def sync_directory(path):
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


@unittest.skipIf(ForgetfulDisk.missing(), ForgetfulDisk.missing())
class ForgetfulFiles(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="fic-", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.home)
        self.disk = ForgetfulDisk(self.home)
        asyncio.run(self.disk.mount())
        self.addCleanup(lambda: asyncio.run(self.disk.unmount()))

    def path(self, name):
        return os.path.join(self.disk.path, name)

    def write(self, name, data, sync=False, mode="wb"):
        with open(self.path(name), mode) as file:
            file.write(data)
            file.flush()
            if sync:
                os.fsync(file.fileno())

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def test_WithoutALossItKeepsEverything(self):
        data = os.urandom(300_000)
        self.write("a", data)
        self.write("a", b"loppu", mode="ab")
        os.mkdir(self.path("sub"))
        os.rename(self.path("a"), self.path("sub/b"))
        self.assertEqual(self.read("sub/b"), data + b"loppu")
        self.assertEqual((os.listdir(self.disk.path), os.listdir(self.path("sub"))), (["sub"], ["b"]))
        with self.assertRaises(OSError):
            os.rmdir(self.path("sub"))
        os.unlink(self.path("sub/b"))
        os.rmdir(self.path("sub"))
        self.assertEqual(os.listdir(self.disk.path), [])

    def test_SyncedContentStaysAndTheRestGoes(self):
        self.write("a", b"talletettu", sync=True)
        sync_directory(self.disk.path)
        self.write("a", b" ja ei", mode="ab")
        self.assertEqual(self.read("a"), b"talletettu ja ei")
        self.disk.lose_power()
        self.assertEqual(self.read("a"), b"talletettu")

    def test_OverwrittenAndCutContentComesBack(self):
        self.write("a", b"0123456789", sync=True)
        sync_directory(self.disk.path)
        with open(self.path("a"), "r+b") as file:
            file.write(b"XX")
            file.truncate(5)
        self.assertEqual(self.read("a"), b"XX234")
        self.disk.lose_power()
        self.assertEqual(self.read("a"), b"0123456789")

    def test_CutThenGrownContentIsSyncedAsItIs(self):
        self.write("a", b"0123456789", sync=True)
        sync_directory(self.disk.path)
        with open(self.path("a"), "r+b") as file:
            file.truncate(3)
            file.seek(6)
            file.write(b"!")
            file.flush()
            os.fdatasync(file.fileno())
        self.disk.lose_power()
        self.assertEqual(self.read("a"), b"012\0\0\0!")

    def test_NamesAreThereAsOfTheDirectorysSync(self):
        self.write("old", b"vanha", sync=True)
        sync_directory(self.disk.path)
        self.write("new", b"uusi", sync=True)
        os.rename(self.path("new"), self.path("old"))
        self.assertEqual(self.read("old"), b"uusi")
        self.disk.lose_power()
        self.assertEqual((os.listdir(self.disk.path), self.read("old")), (["old"], b"vanha"))

    def test_RemovedNameComesBackUnlessThatWasSynced(self):
        self.write("a", b"1", sync=True)
        self.write("b", b"2", sync=True)
        sync_directory(self.disk.path)
        os.unlink(self.path("a"))
        sync_directory(self.disk.path)
        os.unlink(self.path("b"))
        self.disk.lose_power()
        self.assertEqual((os.listdir(self.disk.path), self.read("b")), (["b"], b"2"))

    def test_NameWithoutSyncedContentIsEmpty(self):
        self.write("a", b"ei talletettu")
        sync_directory(self.disk.path)
        self.disk.lose_power()
        self.assertEqual(self.read("a"), b"")

    def test_SyncOfAllIsAsLongAfter(self):
        os.mkdir(self.path("sub"))
        self.write("sub/a", b"kauan sitten")
        self.disk.sync()
        self.disk.lose_power()
        self.assertEqual(self.read("sub/a"), b"kauan sitten")

    def test_OpenFileNeedsNoName(self):
        with open(self.path("a"), "w+b") as file:
            os.unlink(self.path("a"))
            file.write(b"yha")
            file.seek(0)
            self.assertEqual(file.read(), b"yha")
        self.assertEqual(os.listdir(self.disk.path), [])

    def test_SecondNameIsTheSameContentAndIsMadeOnce(self):
        self.write("a", b"yksi", sync=True)
        os.link(self.path("a"), self.path("b"))
        with self.assertRaises(FileExistsError):
            os.link(self.path("a"), self.path("b"))
        os.unlink(self.path("a"))
        sync_directory(self.disk.path)
        self.disk.lose_power()
        self.assertEqual((os.listdir(self.disk.path), self.read("b")), (["b"], b"yksi"))

    def test_LocksAndUnixSocketsWork(self):
        with open(self.path("lock"), "wb") as first, open(self.path("lock"), "wb") as second:
            fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with self.assertRaises(BlockingIOError):
                fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
            listener.bind(self.path("sock"))
            listener.listen()
            client.connect(self.path("sock"))

    def test_UnknownCommandIsRefused(self):
        with self.assertRaises(OSError):
            with open(self.disk.control, "wb", buffering=0) as file:
                file.write(b"mita vain")


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
