"""judge.py: is a text fit to be shown? What relaycon prints is judged here, by other means than its own."""
import json
import unicodedata

# Takes no room, or is drawn as nothing: Default_Ignorable_Code_Point beyond the categories below.
INVISIBLE = {0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2065, 0x3164, 0xffa0, *range(0x180b, 0x1810), *range(0xfe00, 0xfe10),
             *range(0xfff0, 0xfff9), *range(0xe0000, 0xe1000)}
MARKS_IN_A_ROW = 4


def unfit(text, lines=False):
    """Sentences about what must not be in it."""
    wrong, marks = set(), 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if lines and char == "\n":
            continue
        if category in ("Cc", "Cf", "Cs", "Zl", "Zp") or ord(char) in INVISIBLE:
            wrong.add(f"U+{ord(char):04X} ({category})")
        if marks > MARKS_IN_A_ROW:
            wrong.add("a heap of combining marks")
    return sorted(wrong)


def strings_of(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings_of(inner)


def judge_json(raw):
    """(document or None, what is wrong with it)"""
    try:
        text = raw.decode("utf-8")
        document = json.loads(text)
    except ValueError as error:
        return None, [f"not JSON in UTF-8: {error}: {raw[:300]!r}"]
    wrong = [f"JSON, {inner[:60]!r}: {', '.join(unfit(inner))}" for inner in strings_of(document) if unfit(inner)]
    if unfit(text, lines=True):
        wrong.append(f"JSON, raw: {', '.join(unfit(text, lines=True))}")
    return document, wrong


def judge_words(raw):
    try:
        text = raw.decode("utf-8")
    except ValueError as error:
        return [f"not UTF-8: {error}"]
    wrong = unfit(text, lines=True)
    return [f"words: {', '.join(wrong)}"] if wrong else []
