#!/usr/bin/python3
"""Turns a captured terminal screen (tmux capture-pane -e -p) into an SVG picture.

usage: ansi_to_svg.py TITLE COLUMNS <screen >picture.svg

The drawing is python3-rich's; the template here leaves out its web fonts, so that a picture
refers to nothing outside of itself.
"""

import io
import sys

from rich.ansi import AnsiDecoder
from rich.console import Console
from rich.terminal_theme import TerminalTheme

TEMPLATE = """\
<svg class="terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
    font-family: "DejaVu Sans Mono", "Liberation Mono", Menlo, Consolas, monospace;
    font-size: {char_height}px;
    line-height: {line_height}px;
}}
.{unique_id}-title {{
    font-size: 18px;
    font-weight: bold;
    font-family: sans-serif;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""

# The eight colours of a Linux console, and their bright twins.
THEME = TerminalTheme(
    (16, 18, 24),
    (208, 208, 208),
    [
        (0, 0, 0), (190, 30, 45), (35, 150, 60), (180, 130, 20),
        (30, 70, 160), (150, 60, 150), (20, 140, 150), (208, 208, 208),
    ],
    [
        (100, 100, 100), (240, 80, 90), (90, 210, 110), (250, 220, 90),
        (90, 140, 240), (220, 130, 220), (90, 220, 230), (255, 255, 255),
    ],
)


def main() -> None:
    title, columns = sys.argv[1], int(sys.argv[2])
    console = Console(
        width=columns, record=True, file=io.StringIO(), force_terminal=True,
        color_system="truecolor", legacy_windows=False,
    )
    screen = sys.stdin.read().rstrip("\n").replace("\x0e", "").replace("\x0f", "")
    # One decoder for the whole screen: tmux sets colours once and lets them run over line ends.
    for text in AnsiDecoder().decode(screen):
        text.truncate(columns, pad=True)
        console.print(text, no_wrap=True, overflow="crop", highlight=False)
    svg = console.export_svg(title=title, theme=THEME, code_format=TEMPLATE, unique_id="screen")
    sys.stdout.write("\n".join(part.rstrip() for part in svg.splitlines()) + "\n")


if __name__ == "__main__":
    main()
