"""The command line, and the composition root: the only module that knows handlers.

A command gives its exit status. What a person can mend is an ``XeberciError``: its lines go to
stderr, the status is 1, and there is no traceback.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from bot import links
from bot.errors import XeberciError
from bot.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.config import Settings
    from bot.context import XApplication

MAX_HITS = 100
_LONGEST_NUMBER = 18  # digits that stores take


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit status (2: the command line itself is wrong)."""
    _prepare_streams()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # else it is ignored: nohup
            signal.signal(number, _end)
    try:
        arguments = _parser().parse_args(argv)
        command: Callable[[argparse.Namespace], int] = arguments.command
        status = command(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a failure can still be told
    except XeberciError as error:
        for line in str(error).splitlines():
            _tell(line)
        return 1
    except BrokenPipeError:  # `xeberci export | head`
        _forget_output()
        return 1
    except OSError as error:
        _tell(f"{error.filename or 'output'}: {error.strerror or error}")
        _forget_output()
        return 1
    except KeyboardInterrupt:
        return 130
    return status


def _prepare_streams() -> None:
    """Read and write UTF-8 whatever the locale says; make up for streams that are closed."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:  # else the next file that is opened would be taken for the stream
            os.open(os.devnull, os.O_RDWR)
    for stream, errors in (
        (sys.stdin, "replace"),
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
    ):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def _end(number: int, _: object) -> NoReturn:
    """End as an interrupt does: what is temporary is cleaned up. ``run`` drains instead."""
    raise SystemExit(128 + number)


def _tell(line: str) -> None:
    with contextlib.suppress(OSError):
        print(f"xeberci: {redact(line)}", file=sys.stderr)


def _forget_output() -> None:
    """Let what is still buffered go nowhere, or the interpreter complains at its end."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    common = _Parser(add_help=False)
    # SUPPRESS: given before the command, it is not overwritten by the command's own default.
    common.add_argument(
        "--config", metavar="FILE", type=Path, default=argparse.SUPPRESS, help="xeberci.toml"
    )
    parser = _Parser(prog="xeberci", description="Xəbərçi: a Telegram news bot.", parents=[common])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, action: Callable[[argparse.Namespace], int], text: str
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text, parents=[common])
        sub.set_defaults(command=action)
        return sub

    command("demo", _demo, "the whole bot with no token and no network")
    command("run", _run, "the bot")
    parse = command("parse", _parse, "documents -> articles, one JSON object a line")
    parse.add_argument("inputs", nargs="+", metavar="FILE|URL")
    parse.add_argument("--url", type=_address, metavar="U", help="where a FILE came from")
    digest = command("digest", _digest, "documents or articles -> one digest for each article")
    digest.add_argument("inputs", nargs="+", metavar="FILE|URL")
    digest.add_argument("--url", type=_address, metavar="U", help="where a FILE came from")
    digest.add_argument("--json", action="store_true", help="one JSON object a line")
    search = command("search", _search, "ask the archive")
    search.add_argument("query", metavar="QUERY", help='"-": one query a line in, JSON out')
    search.add_argument("-n", type=_count, default=10, metavar="N", help="hits, at most 100")
    search.add_argument("--json", action="store_true", help="one JSON object")
    load = command("import", _import, "articles into the archive, never delivered")
    load.add_argument("file", metavar="FILE.jsonl", type=Path)
    export = command("export", _export, "the archive, oldest first")
    export.add_argument("file", metavar="FILE.jsonl", type=Path, nargs="?")
    dead = command("dead", _dead, "deliveries set aside: shown, queued again, forgotten")
    dead.add_argument("action", choices=("list", "retry", "drop"))
    dead.add_argument("id", type=_number, nargs="?", metavar="ID", help="one of them; else all")
    sources = command("sources", _sources, "the sources: how they are, found out, tried")
    sources.add_argument("action", choices=("list", "find", "test"))
    sources.add_argument("target", nargs="?", metavar="URL", help="a site; for test a name too")
    move = command("migrate-store", _migrate_store, "everything that is stored into another store")
    move.add_argument("origin", metavar="FROM", help="an address, as in [store] url")
    move.add_argument("goal", metavar="TO", help="an address, as in [store] url")
    command("doctor", _doctor, "what is well and what to do about the rest")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or not (number := int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MAX_HITS}")
    return min(number, MAX_HITS)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > _LONGEST_NUMBER:
        raise argparse.ArgumentTypeError(f"{text!r} is no number: xeberci dead list shows them")
    return int(text)


def _address(text: str) -> str:
    if not links.is_absolute(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole http or https address")
    return text


def _settings(arguments: argparse.Namespace) -> Settings:
    from bot import config  # noqa: PLC0415 - each command pays for its own imports only

    return config.load(getattr(arguments, "config", None))


def _log(level: int = logging.WARNING) -> None:
    """Let what goes wrong on the way go to stderr, beside the output of a command."""
    from bot import logs  # noqa: PLC0415

    if sys.stderr is None:  # closed: _prepare_streams has put nothing in its place
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    logs.configure(level=level)


def _run(arguments: argparse.Namespace) -> int:
    from bot import app, logs  # noqa: PLC0415

    settings = _settings(arguments)
    logs.configure(secrets=[settings.token])
    return app.run(settings, _register)


def _register(application: XApplication) -> None:
    from handlers import register  # noqa: PLC0415 - once the first poll is under way

    register(application)


def _demo(_: argparse.Namespace) -> int:
    from bot.demo import play  # noqa: PLC0415

    return play.main(_register, interactive=os.isatty(0) and os.isatty(1))


def _parse(arguments: argparse.Namespace) -> int:
    from bot.commands import documents  # noqa: PLC0415

    return documents.parse(_settings(arguments), arguments.inputs, arguments.url)


def _digest(arguments: argparse.Namespace) -> int:
    from bot.commands import documents  # noqa: PLC0415

    return documents.digest(
        _settings(arguments), arguments.inputs, arguments.url, as_json=arguments.json
    )


def _search(arguments: argparse.Namespace) -> int:
    from bot.commands import archive  # noqa: PLC0415

    _log()
    return archive.search(
        _settings(arguments), arguments.query, limit=arguments.n, as_json=arguments.json
    )


def _import(arguments: argparse.Namespace) -> int:
    from bot.commands import archive  # noqa: PLC0415

    _log()
    return archive.load(_settings(arguments), arguments.file)


def _export(arguments: argparse.Namespace) -> int:
    from bot.commands import archive  # noqa: PLC0415

    _log()
    return archive.export(_settings(arguments), arguments.file)


def _dead(arguments: argparse.Namespace) -> int:
    from bot.commands import dead  # noqa: PLC0415

    _log()
    return dead.handle(_settings(arguments), arguments.action, arguments.id)


def _sources(arguments: argparse.Namespace) -> int:
    from bot.commands import sources  # noqa: PLC0415

    _log()
    return sources.handle(_settings(arguments), arguments.action, arguments.target)


def _migrate_store(arguments: argparse.Namespace) -> int:
    from bot.commands import moving  # noqa: PLC0415

    _log(logging.INFO)
    return moving.migrate(arguments.origin, arguments.goal)


def _doctor(arguments: argparse.Namespace) -> int:
    from bot.commands import doctor  # noqa: PLC0415

    _log()
    return doctor.examine(_settings(arguments))


if __name__ == "__main__":
    sys.exit(main())
