"""What the files of an episode lie on: any directory, a small tmpfs that can be filled, or a file system that forgets what was not
synced."""

import asyncio
import contextlib
import os
import subprocess
import tempfile

import pace

TMPFS_MIB = 48
FORGETFUL = os.path.join(os.environ.get("FOORUMI_BIN_DIR", ""), "foorumi_forgetful_fs")
MOUNT_S = 10 * pace.SLOWNESS


class PlainDisk:
    """A directory. Loses nothing and is never full."""
    name = "plain"
    provides = frozenset({"keeps_unsynced"})

    def __init__(self, home):
        self.path = os.path.join(home, "disk")

    @classmethod
    def missing(cls):
        """Why there can be none here; empty: it can, which has been tried. Not called within a loop."""
        return ""

    @classmethod
    def cannot_be_mounted(cls):
        """Root is not enough in every container."""
        async def attempt(home):
            disk = cls(home)
            try:
                await disk.mount()
            finally:
                await disk.unmount()

        with tempfile.TemporaryDirectory(prefix="fic-", dir="/tmp") as home:
            try:
                asyncio.run(attempt(home))
            except (OSError, subprocess.CalledProcessError) as error:
                return f"it cannot be mounted: {error}"
        return ""

    async def mount(self):
        os.mkdir(self.path)

    async def unmount(self):
        pass

    async def restart(self):
        """The machine has gone down with everything on it."""


class TmpfsDisk(PlainDisk):
    name = "tmpfs"
    provides = frozenset({"disk_full", "keeps_unsynced"})

    @classmethod
    def missing(cls):
        return cls.cannot_be_mounted() if os.geteuid() == 0 else "mounting a tmpfs takes root"

    async def mount(self):
        os.mkdir(self.path)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={TMPFS_MIB}m,mode=0700", "foorumi-chaos", self.path], check=True,
                       stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    async def unmount(self):
        await _unmount(self.path)

    def fill(self):
        """To the last byte."""
        with open(os.path.join(self.path, "filler"), "wb", buffering=0) as file, contextlib.suppress(OSError):
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while file.write(bytes(size)) == size:
                        pass

    def free(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self.path, "filler"))


class ForgetfulDisk(PlainDisk):
    """forgetful_fs.cpp says what survives."""
    name = "forgetful"
    provides = frozenset({"power_loss"})

    def __init__(self, home):
        super().__init__(home)
        self.process = None

    @classmethod
    def missing(cls):
        if not os.path.exists(FORGETFUL):
            return "foorumi_forgetful_fs was not built (libfuse3-dev)"
        if not os.access("/dev/fuse", os.R_OK | os.W_OK):
            return "/dev/fuse cannot be opened"
        if os.geteuid() != 0 and not os.path.exists("/usr/bin/fusermount3"):
            return "mounting takes root or fusermount3"
        return cls.cannot_be_mounted()

    @property
    def control(self):
        return os.path.join(self.path, ".control")

    async def mount(self):
        os.mkdir(self.path)
        self.process = subprocess.Popen([FORGETFUL, "-f", self.path], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if await pace.until(lambda: os.path.exists(self.control) or self.process.poll() is not None, MOUNT_S) is None or \
                self.process.poll() is not None:
            raise OSError(f"the forgetful file system is not mounted at {self.path}")

    async def unmount(self):
        await _unmount(self.path)
        if self.process is None:
            return
        if await pace.until(lambda: self.process.poll() is not None, MOUNT_S) is None:
            self.process.kill()
        self.process.wait()

    def sync(self):
        """Everything is on the disk, names of directories that nobody syncs included."""
        self._tell(b"sync")

    def lose_power(self):
        """Whoever used it must be dead."""
        self._tell(b"drop")

    async def restart(self):
        self.lose_power()

    def _tell(self, word):
        with open(self.control, "wb", buffering=0) as file:
            file.write(word)


async def _unmount(path):
    if not os.path.ismount(path):
        return

    def gone():
        tool = ["umount", path] if os.geteuid() == 0 else ["fusermount3", "-u", path]
        return subprocess.run(tool, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0

    if await pace.until(gone, MOUNT_S) is None:
        subprocess.run(["umount", "-l", path], stdin=subprocess.DEVNULL, check=False)


KINDS = {kind.name: kind for kind in (PlainDisk, TmpfsDisk, ForgetfulDisk)}
