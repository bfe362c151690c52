"""keys_screen.py: what a terminal shows and in which state it is, from what was written to it.

Enough of ECMA-48 and of the DEC terminals for what curses sends on TERM=xterm-256color, linux, vt100,
vt220 and screen; with no full screen (TERM=dumb, --plain) it is the last lines that were printed.

  screen = Screen(24, 80); screen.feed(data); screen.shows("Apply"); screen.unrestored()
"""
import re
import unicodedata

TOKEN = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/][0-~]|\x1b[0-~]"
    rb"|[\x20-\x7e\x80-\xff]+|[\x00-\x1f\x7f]", re.S)
# The start of a sequence or of a character whose rest has not come yet.
UNFINISHED = re.compile(rb"(?:\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[ -/])?"
                        rb"|[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})$", re.S)
# Private modes: what they must be when the terminal is given back.
GIVEN_BACK = {1: False, 7: True, 25: True, 47: False, 1047: False, 1049: False, 9: False, 1000: False,
              1002: False, 1003: False, 1004: False, 1005: False, 1006: False, 1015: False, 2004: False}
NAMES = {1: "cursor keys of an application", 7: "wrapping off", 25: "cursor hidden",
         47: "alternate screen", 1047: "alternate screen", 1049: "alternate screen",
         1004: "focus reports", 2004: "bracketed paste"}
SAID_MAX = 20000


def width_of(character):
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Screen:
    def __init__(self, lines, columns):
        self.modes = dict(GIVEN_BACK)
        self.keypad = self.styled = False
        self.charsets, self.shift = ["B", "B"], 0
        self.rest = b""
        self.said = ""
        self.lines, self.columns = lines, columns
        self.clear()

    def clear(self):
        self.row = self.column = 0
        self.top, self.bottom = 0, self.lines - 1
        self.cells = [[" "] * self.columns for _ in range(self.lines)]

    def resize(self, lines, columns):
        self.lines, self.columns = lines, columns
        row, column = self.row, self.column
        self.clear()
        self.row, self.column = min(row, lines - 1), min(column, columns - 1)

    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.cells)

    def shows(self, words):
        return words in self.text()

    def unrestored(self, region=True):
        """What the program has not given back, in words; empty when all is well."""
        wrong = [NAMES.get(mode, f"mode {mode}") for mode, want in GIVEN_BACK.items()
                 if self.modes[mode] != want]
        if self.keypad:
            wrong.append("keypad of an application")
        if self.styled:
            wrong.append("colours or attributes left on")
        if self.charsets[self.shift] != "B":
            wrong.append("line-drawing characters left on")
        if region and (self.top, self.bottom) != (0, self.lines - 1):
            wrong.append("a scrolling region left set")
        return ", ".join(wrong)

    def feed(self, data):
        data = self.rest + data
        cut = UNFINISHED.search(data)
        self.rest = data[cut.start():] if cut and cut.group() else b""
        for token in TOKEN.findall(data[:len(data) - len(self.rest)]):
            first = token[0]
            if first >= 0x80 or 0x20 <= first < 0x7f:
                self.put(token.decode(errors="replace"))
            elif first != 0x1b:
                self.control(first)
            elif token[1:2] == b"[":
                self.csi(token[2:-1].decode(errors="replace"), chr(token[-1]))
            elif token[1:2] in (b"(", b")"):
                self.charsets[token[1:2] == b")"] = chr(token[2])
            elif token[1:2] in (b"=", b">"):
                self.keypad = token[1:2] == b"="
            elif token == b"\x1bM":
                self.line_feed(-1)
            elif token == b"\x1bD":
                self.line_feed(1)

    def put(self, text):
        self.said = (self.said + text)[-SAID_MAX:]
        for character in text:
            width = width_of(character)
            if not width:
                continue
            if self.column + width > self.columns:
                self.column = 0
                self.line_feed(1)
            self.cells[self.row][self.column] = character
            self.column += width

    def control(self, code):
        if code == 13:
            self.column = 0
        elif code == 10:
            self.said += "\n"
            self.line_feed(1)
        elif code == 8:
            self.column = max(0, min(self.column, self.columns) - 1)
        elif code == 9:
            self.column = min(self.columns - 1, self.column // 8 * 8 + 8)
        elif code in (14, 15):
            self.shift = int(code == 14)

    def line_feed(self, by):
        if by > 0 and self.row == self.bottom:
            self.scroll(self.top, 1)
        elif by < 0 and self.row == self.top:
            self.scroll(self.top, -1)
        else:
            self.row = max(0, min(self.lines - 1, self.row + by))

    def scroll(self, top, by):
        for _ in range(min(abs(by), self.lines)):
            if by > 0:
                del self.cells[top]
                self.cells.insert(self.bottom, [" "] * self.columns)
            else:
                del self.cells[self.bottom]
                self.cells.insert(top, [" "] * self.columns)

    def csi(self, parameters, final):
        if parameters[:1] in ("?", ">", "!", "="):
            if parameters[0] == "?" and final in "hl":
                for mode in parameters[1:].split(";"):
                    if mode.isdigit():
                        self.modes[int(mode)] = final == "h"
            return
        numbers = [int(word) if word.isdigit() else 0 for word in parameters.split(";")]
        first = max(1, numbers[0])
        row = self.cells[self.row]
        if final in "Hf":
            self.row = min(first, self.lines) - 1
            self.column = min(max(1, numbers[1] if len(numbers) > 1 else 1), self.columns) - 1
        elif final == "m":
            # ncurses sets and clears; the last word counts. 39;49 are the terminal's own colours.
            self.styled = any(n not in (0, 10, 22, 24, 25, 27, 28, 39, 49) for n in numbers)
        elif final == "J":
            for line in range(self.lines):
                if numbers[0] == 2 or line > self.row:
                    self.cells[line] = [" "] * self.columns
            if numbers[0] == 0:
                row[self.column:] = [" "] * len(row[self.column:])
        elif final == "K":
            start, end = {0: (self.column, self.columns), 1: (0, self.column + 1)}.get(
                numbers[0], (0, self.columns))
            row[start:end] = [" "] * len(row[start:end])
        elif final == "X":
            row[self.column:self.column + first] = [" "] * len(row[self.column:self.column + first])
        elif final == "@":
            row[self.column:self.column] = [" "] * min(first, self.columns)
            del row[self.columns:]
        elif final == "P":
            del row[self.column:self.column + first]
            row.extend([" "] * (self.columns - len(row)))
        elif final == "b":
            self.put(row[max(0, self.column - 1)] * min(first, self.columns))
        elif final == "r":
            self.top = min(first, self.lines) - 1
            last = numbers[1] if len(numbers) > 1 and numbers[1] else self.lines
            self.bottom = max(self.top, min(last, self.lines) - 1)
        elif final in "LM":
            self.scroll(self.row, first if final == "M" else -first)
        elif final == "S":
            self.scroll(self.top, first)
        elif final == "T":
            self.scroll(self.top, -first)
        else:
            self.move(final, first)

    def move(self, final, first):
        column = min(self.column, self.columns - 1)
        if final == "A":
            self.row = max(0, self.row - first)
        elif final in "Be":
            self.row = min(self.lines - 1, self.row + first)
        elif final in "Ca":
            self.column = min(self.columns - 1, column + first)
        elif final == "D":
            self.column = max(0, column - first)
        elif final in "G`":
            self.column = min(first, self.columns) - 1
        elif final == "d":
            self.row = min(first, self.lines) - 1
