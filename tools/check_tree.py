#!/usr/bin/python3
"""The tree's own rules, which no compiler checks. Prints what breaks them; exit status 1 if anything does.

- Every reason of a refusal has a text in config/messages and a row in docs/protocol.md, and no text is without a use.
- No test sleeps.
"""
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE_ENDINGS = {".cpp", ".hpp"}

# ErrorCode::invalid, "text_empty" and, in a file about refusals, invalid("text_empty", ...) or refuse(..., "text_empty").
CODE_AND_REASON = re.compile(r'\b(?:ErrorCode|Error|Code)::\w+\s*,\s*"([a-z][a-z0-9_]*)"')
REFUSING_CALL = re.compile(
    r'\b\w*(?:invalid|limited|refus\w*|malformed|forbidden|unauthenticated|unavailable|not_found|closing|end_with|reject\w*)'
    r'[({]\s*"([a-z][a-z0-9_]*)"')
LITERAL = re.compile(r'"([a-z][a-z0-9_]*)"')
SLEEP = re.compile(r"\bsleep_for\b|\bsleep_until\b|\busleep\(|\bnanosleep\(|\btime\.sleep\(|\basyncio\.sleep\(\s*(?!0\))")


def sources(folder):
    return sorted(p for p in (ROOT / folder).rglob("*") if p.suffix in SOURCE_ENDINGS)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def catalogue(language):
    with open(ROOT / f"config/messages/server.{language}.toml", "rb") as file:
        return set(tomllib.load(file)["error"])


def used_reasons():
    """Reason -> the first place where something is refused with it, and all words that stand in the sources at all."""
    used, words = {}, set()
    for path in sources("server") + sources("protocol"):
        text = path.read_text()
        words.update(LITERAL.findall(text))
        patterns = [CODE_AND_REASON]
        if "Refusal" in text or "ErrorCode" in text:
            patterns.append(REFUSING_CALL)
        for pattern in patterns:
            for found in pattern.finditer(text):
                used.setdefault(found[1], f"{path.relative_to(ROOT)}:{line_of(text, found.start(1))}")
    return used, words


def check_reasons():
    used, words = used_reasons()
    if len(used) < 20:
        yield f"tools/check_tree.py: only {len(used)} reasons found: the patterns no longer fit the code"
    documented = set(re.findall(r"`([a-z][a-z0-9_]*)`", (ROOT / "docs/protocol.md").read_text()))
    for language in ("fi", "sv", "en"):
        texts = catalogue(language)
        for reason, place in sorted(used.items()):
            if reason not in texts:
                yield f"{place}: {reason} has no text in config/messages/server.{language}.toml"
        for reason in sorted(texts - words):
            yield f"config/messages/server.{language}.toml: nothing is refused with {reason}"
    for reason, place in sorted(used.items()):
        if reason not in documented:
            yield f"{place}: {reason} is not in docs/protocol.md"


# Polling belongs in one place, for what tells nobody when it happens; the benchmark has its own.
POLLING = ROOT / "tests/integration/support/deadline.py"


def check_sleeps():
    for path in sources("tests") + sorted((ROOT / "tests").rglob("*.py")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if path != POLLING and "bench" not in path.parts and SLEEP.search(line):
                yield f"{path.relative_to(ROOT)}:{number}: a test waits for an event with a deadline, it does not sleep"


def print_sizes():
    sizes = [(len(p.read_text().splitlines()), p) for folder in ("server", "protocol", "client-cli", "tests") for p in sources(folder)]
    long = sorted((s for s in sizes if s[0] > 300), reverse=True)
    print(f"{len(sizes)} C++ files, {sum(s[0] for s in sizes)} lines; over 300 lines: {len(long)}")
    for lines, path in long:
        print(f"  {lines} {path.relative_to(ROOT)}")


def main():
    problems = [*check_reasons(), *check_sleeps()]
    for problem in problems:
        print(problem, file=sys.stderr)
    print_sizes()
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
