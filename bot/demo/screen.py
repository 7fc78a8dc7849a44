"""A chat on a terminal: messages of the stand-in server as a person sees them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.demo.timeline import Seen

_STYLES = {"bold": ("\033[1m", "\033[22m"), "italic": ("\033[3m", "\033[23m")}
_LINK = ("\033[4m", "\033[24m")
_DIM = ("\033[2m", "\033[22m")


def render(seen: Seen, *, color: bool, numbered: bool = False) -> str:
    """Give a message as lines: sender, text, rows of buttons (``numbered`` from 1)."""
    mark = " (dəyişdirildi)" if seen.edited else ""
    mark += " 🔕" if seen.silent else ""
    lines = [_dim(f"{seen.sender}{mark}:", color=color)]
    text = _styled(seen) if color else seen.text
    lines += [f"  {line}".rstrip() for line in text.split("\n")]
    number = 1
    for row in seen.keyboard:
        labels = []
        for button in row:
            labels.append(f"[{number}· {button.label}]" if numbered else f"[{button.label}]")
            number += 1
        lines.append("  " + " ".join(labels))
    return "\n".join(lines)


def _dim(text: str, *, color: bool) -> str:
    return f"{_DIM[0]}{text}{_DIM[1]}" if color else text


def _styled(seen: Seen) -> str:
    """Put styles around entities, whose offsets are UTF-16 code units."""
    units = seen.text.encode("utf-16-le")
    marks: dict[int, list[str]] = {}
    for entity in seen.entities:
        style = _LINK if entity["type"] in {"text_link", "url"} else _STYLES.get(entity["type"])
        if style is None:
            continue
        start = entity["offset"]
        marks.setdefault(start, []).append(style[0])
        marks.setdefault(start + entity["length"], []).insert(0, style[1])
    out, last = [], 0
    for at in sorted(marks):
        out.append(units[last * 2 : at * 2].decode("utf-16-le"))
        out.append("".join(marks[at]))
        last = at
    out.append(units[last * 2 :].decode("utf-16-le"))
    return "".join(out)
