"""The command line, and the composition root: the only module that knows handlers.

A command gives its exit status. What a person can mend is an ``XeberciError``: its lines go to
stderr, the status is 1, and there is no traceback.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import XeberciError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.config import Settings
    from bot.context import XApplication

MAX_HITS = 100


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit status (2: the command line itself is wrong)."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except XeberciError as error:
        for line in str(error).splitlines():
            print(f"xeberci: {line}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `xeberci export | head`
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    # SUPPRESS: given before the command, it is not overwritten by the command's own default.
    common.add_argument(
        "--config", metavar="FILE", type=Path, default=argparse.SUPPRESS, help="xeberci.toml"
    )
    parser = argparse.ArgumentParser(
        prog="xeberci", description="Xəbərçi: a Telegram news bot.", parents=[common]
    )
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
    parse.add_argument("--url", metavar="U", help="where a FILE came from")
    digest = command("digest", _digest, "documents or articles -> one digest for each article")
    digest.add_argument("inputs", nargs="+", metavar="FILE|URL")
    digest.add_argument("--url", metavar="U", help="where a FILE came from")
    digest.add_argument("--json", action="store_true", help="one JSON object a line")
    search = command("search", _search, "ask the archive")
    search.add_argument("query", metavar="QUERY", help='"-": one query a line in, JSON out')
    search.add_argument("-n", type=_count, default=10, metavar="N", help="hits, at most 100")
    search.add_argument("--json", action="store_true", help="one JSON object")
    load = command("import", _import, "articles into the archive, never delivered")
    load.add_argument("file", metavar="FILE.jsonl", type=Path)
    export = command("export", _export, "the archive, oldest first")
    export.add_argument("file", metavar="FILE.jsonl", type=Path, nargs="?")
    command("doctor", _doctor, "what is well and what to do about the rest")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return min(number, MAX_HITS)


def _settings(arguments: argparse.Namespace) -> Settings:
    from bot import config  # noqa: PLC0415 - each command pays for its own imports only

    return config.load(getattr(arguments, "config", None))


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

    return play.main(_register, interactive=sys.stdin.isatty() and sys.stdout.isatty())


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

    return archive.search(
        _settings(arguments), arguments.query, limit=arguments.n, as_json=arguments.json
    )


def _import(arguments: argparse.Namespace) -> int:
    from bot.commands import archive  # noqa: PLC0415

    return archive.load(_settings(arguments), arguments.file)


def _export(arguments: argparse.Namespace) -> int:
    from bot.commands import archive  # noqa: PLC0415

    return archive.export(_settings(arguments), arguments.file)


def _doctor(arguments: argparse.Namespace) -> int:
    from bot.commands import doctor  # noqa: PLC0415

    return doctor.examine(_settings(arguments))


if __name__ == "__main__":
    sys.exit(main())
