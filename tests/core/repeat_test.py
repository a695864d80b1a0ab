#!/usr/bin/python3
"""The same seed gives the same trace in every process: addresses and the like have no part in it."""
import subprocess
import sys


def hashes():
    command = [sys.argv[1], "--seed", "1000", "--seeds", "60", "--hashes"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main():
    first, second = hashes(), hashes()
    if first.count("\n") < 60 or first != second:
        print(f"{first}\nand then\n{second}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
