"""The commands of `ordering` and their arguments."""

from __future__ import annotations

import argparse

from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.metadata import version

from ordering_core.application.pausing import Pause
from ordering_core.domain.calendar import start_of_day
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import OrderType
from ordering_entrypoints.sandboxes import SANDBOXES


_EXIT_STATUS = "Exit status: 0 all is well, 1 the order is invalid, 2 wrong arguments or an unreadable file."


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; what was chosen is `command`, and beneath it `action`."""
    ordering = argparse.ArgumentParser(
        prog="ordering",
        description="Ordering for a telecom reseller in Japan: configure, check out, approve, provision.",
        epilog=_EXIT_STATUS,
    )
    ordering.add_argument("--version", action="version", version=f"%(prog)s {version('ordering-core')}")
    ordering.add_argument(
        "--settings", metavar="FILE", help="settings in TOML; variables of the environment go before them"
    )
    commands = ordering.add_subparsers(dest="command", required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="run four orders from configuration to Active")
    demo.add_argument("--exit", action="store_true", help="end afterwards instead of serving the API")
    demo.add_argument("--keep", metavar="FILE", help="keep the database in a new file, for ordering show")
    _port(demo, default=0)

    serve = commands.add_parser("serve", help="serve the HTTP API")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    _port(serve, default=8000)

    commands.add_parser("worker", help="run due work, where the API is served by other processes")

    sandbox = commands.add_parser("sandbox", help="run stand-ins of the outside systems on this machine")
    sandbox.add_argument(
        "names",
        nargs="*",
        type=_sandbox_name,
        metavar="NAME",
        help=f"which of them: {', '.join(SANDBOXES)} (default: all)",
    )

    rules = commands.add_parser("rules", help="print the rule book")
    form = rules.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON")
    form.add_argument("--markdown", action="store_true", help="as docs/rules.md")

    validate = commands.add_parser("validate", help="say everything that is wrong with a draft of an order")
    _draft(validate)
    validate.add_argument(
        "--gate",
        choices=[gate.value for gate in Gate],
        default=Gate.CONFIGURE.value,
        help="the rules of this gate (default %(default)s); after configure, for a customer in good standing",
    )

    price = commands.add_parser("price", help="say what a draft of an order costs")
    _draft(price)

    story = commands.add_parser("show", help="tell the whole story of one order, personal data hidden")
    story.add_argument("order", metavar="ORDER", help="its id in Salesforce")
    story.add_argument("--json", action="store_true", help="answer in JSON")

    salesforce = commands.add_parser("salesforce", help="the Salesforce org that orders land in")
    salesforce_actions = salesforce.add_subparsers(dest="action", required=True, metavar="ACTION")
    org_check = salesforce_actions.add_parser(
        "check", help="say what the org lacks, and the way out of each; nothing is changed there"
    )
    org_check.add_argument(
        "--events",
        type=_seconds,
        nargs="?",
        const=20.0,
        metavar="SECONDS",
        help="publish an event about no order, and see that it arrives in time (default: 20 s)",
    )
    org_check.add_argument("--json", action="store_true", help="answer in JSON")

    whmcs = commands.add_parser("whmcs", help="the WHMCS installation that bills")
    whmcs_actions = whmcs.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = whmcs_actions.add_parser("check", help="say what is still missing there, and how to mend it")
    check.add_argument(
        "--prove",
        type=_client,
        metavar="CLIENT",
        help="prove that an order is found again: add one for this test client, without invoice, cancel it",
    )
    check.add_argument("--json", action="store_true", help="answer in JSON")

    _operating(commands.add_parser)

    sim = commands.add_parser("sim", help="the mobile network that opens lines")
    sim_actions = sim.add_subparsers(dest="action", required=True, metavar="ACTION")
    completions = sim_actions.add_parser("complete", help="take a file that says what became of lines")
    completions.add_argument("file", metavar="FILE", help="the network's file, or - for standard input")
    completions.add_argument("--json", action="store_true", help="answer in JSON")
    unmatched = sim_actions.add_parser("unmatched", help="show what it said that fits no order")
    unmatched.add_argument("--json", action="store_true", help="answer in JSON")

    catalogue = commands.add_parser("catalogue", help="what is for sale")
    actions = catalogue.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="list the products")
    show.add_argument(
        "--type",
        dest="order_type",
        choices=[order_type.value for order_type in OrderType],
        help="of one service only",
    )
    show.add_argument("--json", action="store_true", help="as JSON")
    return ordering


def _operating(add: Callable[..., argparse.ArgumentParser]) -> None:
    """*add* what an operator does with a running system."""
    doctor = add(
        "doctor", help="say everything that keeps the system from working, or will; nothing is changed"
    )
    doctor.add_argument("--json", action="store_true", help="answer in JSON")
    settings = add("settings", help="say what is set, and where; secrets hidden")
    settings.add_argument("--json", action="store_true", help="answer in JSON")

    _adopting(add)

    pause = add("pause", help="stop making changes outside, in every process, until resumed")
    _pausing(
        pause,
        default=Pause.ALL,
        help_text="billing (WHMCS), sim (the SIM network), all (all runs; customers still order; the default)"
        " or observe (nothing is written outside, and what would be is recorded)",
    )
    resume = add("resume", help="go on where it was paused")
    _pausing(
        resume,
        default=None,
        help_text="what to end; default: everything but observe, which is ended by its name",
    )

    backup = add("backup", help="copy the database, in use or not, to a file")
    backup.add_argument("file", metavar="FILE", help="a new file")
    restore = add("restore", help="put a backup in the place of the database; it observes then")
    restore.add_argument("file", metavar="FILE", help="the backup")
    restore.add_argument("--replace", action="store_true", help="set a database aside that is there already")
    add("seal", help="seal everything in the database with the first key of ORDERING_DATABASE_KEYS")


def _adopting(add: Callable[..., argparse.ArgumentParser]) -> None:
    """*add* the go-live."""
    adopt = add(
        "adopt", help="take in what an org and a WHMCS that are in use hold; nothing is changed there"
    )
    adopt.add_argument(
        "map",
        nargs="?",
        metavar="MAP",
        help="CSV with the columns customer, account, client, customer_number; - reads standard input",
    )
    adopt.add_argument("--apply", action="store_true", help="do it; without it, it is only looked at")
    adopt.add_argument(
        "--except",
        dest="accepted",
        nargs="+",
        action="extend",
        default=[],
        metavar="ID",
        help="records whose conflicts are accepted",
    )
    adopt.add_argument("--provision", metavar="ORDER", help="take over one order that was left alone instead")
    adopt.add_argument("--reason", default="", metavar="TEXT", help="why that order is taken over")
    adopt.add_argument("--by", default="", metavar="NAME", help="on whose word (default: your login here)")
    adopt.add_argument("--json", action="store_true", help="answer in JSON")


def _pausing(command: argparse.ArgumentParser, *, default: Pause | None, help_text: str) -> None:
    command.add_argument("what", nargs="?", type=_pause, default=default, metavar="WHAT", help=help_text)


def _port(command: argparse.ArgumentParser, *, default: int) -> None:
    shown = "a free one" if default == 0 else str(default)
    command.add_argument(
        "--port", type=_port_number, default=default, help=f"port to listen on (default: {shown})"
    )


def _draft(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", metavar="FILE", help="the draft as JSON; - reads standard input")
    command.add_argument("--json", action="store_true", help="answer in JSON")
    command.add_argument(
        "--at",
        type=_instant,
        metavar="TIME",
        help="as if it were this day in Japan (2026-04-08) or instant (2026-04-08T10:00+09:00); default: now",
    )


def _client(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no id of a client; give its number, for example 9001")
    return int(text)


def _port_number(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65535:  # noqa: PLR2004  (the ports that there are)
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 0 (a free one) to 65535")
    return port


def _pause(text: str) -> Pause:
    try:
        return Pause(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} cannot be paused; what can is {', '.join(Pause)}"
        ) from None


def _sandbox_name(text: str) -> str:
    if text not in SANDBOXES:
        raise argparse.ArgumentTypeError(f"there is no sandbox {text!r}; there are {', '.join(SANDBOXES)}")
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= 600:  # noqa: PLR2004  (ten minutes: an event that late is lost)
        raise argparse.ArgumentTypeError(f"{text!r} is no time to wait; give seconds, up to 600")
    return seconds


def _instant(text: str) -> datetime:
    refusal = f"{text!r} is no day (2026-04-08) and no instant with a time zone (2026-04-08T10:00+09:00)"
    try:
        return start_of_day(date.fromisoformat(text))
    except OverflowError:
        raise argparse.ArgumentTypeError(refusal) from None
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise argparse.ArgumentTypeError(refusal)
        return at.astimezone(UTC)
    except (OverflowError, ValueError):
        raise argparse.ArgumentTypeError(refusal) from None
