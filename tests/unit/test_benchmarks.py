"""What is measured beside each other does the same work: no contender wins by leaving something out."""

import json

from importlib.metadata import DistributionFinder
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from benchmarks import flow, installed, lifecycle, shoppers, validation
from benchmarks.counting import HeardBeside
from benchmarks.findings import Findings
from benchmarks.pydantic_cart import SimModel
from benchmarks.rounds import Result
from benchmarks.without import Without
from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.normalise import normalise
from ordering_core.domain.values import Eid
from ordering_entrypoints.wire import parse_json, structure_draft


LINES = ("SIM-VOICE-10GB", "SIM-DATA-5GB", "SIM-ACTIVATION", "SIM-VOICE-MAIL", "VPN-US", "SIM-NOBODY-KNOWS")
TYPED = st.sampled_from(
    [
        "",
        " ",
        "090-1234-5678",
        "１２３４５６７８９０",
        "ﾔﾏﾀﾞ",
        "やまだ",
        "Yamada",
        "Ngô",
        "corporate",
        "male",
        "e SIM",
        "\u200b",
    ]
)
DAYS = st.dates().map(lambda day: day.isoformat())

ORDERS = st.fixed_dictionaries(
    {"type": st.just("SIM"), "skus": st.lists(st.sampled_from(LINES), max_size=6)},
    optional={
        "sim_type": st.sampled_from(["eSIM", "Physical SIM", "physical sim", "Nano"]) | TYPED,
        "eid": st.sampled_from(
            ["89049032123451234512345678901235", "8904 9032 1234 5123 4512 3456 7890 1253"]
        )
        | TYPED,
        "activation_type": st.sampled_from(["Immediate", "Scheduled", "later"]) | TYPED,
        "scheduled_on": DAYS | st.sampled_from(["2026-04-08", "2026-04-09", "2026-06-07", "2026-06-08"]),
        "voice_mail": st.booleans(),
        "call_waiting": st.booleans(),
        "porting": st.fixed_dictionaries(
            {},
            optional={
                "reservation_number": TYPED,
                "reservation_expires_on": DAYS | st.sampled_from(["2026-04-16", "2026-04-17", "2026-04-18"]),
                "phone_number": TYPED,
                "last_name": TYPED,
                "first_name": TYPED,
                "last_name_katakana": TYPED,
                "first_name_katakana": TYPED,
                "gender": TYPED,
                "birth_date": DAYS,
            },
        ),
    },
)


@given(ORDERS)
def test_both_validations_find_the_same_in_any_order(order: dict[str, object]) -> None:
    raw = json.dumps(order).encode()
    assert validation.found(validation.by_pydantic(raw)) == validation.found(validation.by_ours(raw))


def test_both_understand_what_was_typed_alike() -> None:
    typed = json.loads(validation.CLEAN)
    typed |= {"sim_type": "ESIM", "eid": "8904-9032-1234-5123-4512-3456-7890-1235"}
    typed["porting"] |= {"phone_number": "+81 90 1234 5678", "last_name_katakana": "ﾔﾏﾀﾞ", "gender": "male"}
    raw = json.dumps(typed).encode()
    findings = Findings(
        products=validation.PRODUCTS, prices=validation.PRICES, at=validation.AT, policy=validation.POLICY
    )
    theirs = SimModel.model_validate_json(raw, context=findings).model_dump(exclude={"type"})
    ours = normalise(structure_draft(parse_json(raw)))
    assert not findings.violations
    assert isinstance(ours, SimDraft)
    porting = theirs.pop("porting")
    assert {field: getattr(ours, field) for field in theirs} == theirs
    assert {field: getattr(ours.porting, field) for field in porting} == porting


def test_the_valid_order_has_five_lines_and_the_bad_one_fourteen_violations() -> None:
    assert len(json.loads(validation.CLEAN)["skus"]) == len(json.loads(validation.BAD)["skus"]) == 5
    assert not validation.by_ours(validation.CLEAN)
    assert len(validation.by_ours(validation.BAD)) == 14


def test_every_contender_takes_the_five_steps_in_order() -> None:
    path = [state.value for state in lifecycle.PATH]
    steps = list(pairwise(path))
    ours = [
        (entry.before.state.value, entry.after.state.value)
        for entry in lifecycle.by_ours(lifecycle.Account())
        if entry.before
    ]
    machine = lifecycle.transitions_machine()
    theirs = lifecycle.TransitionsOrder(lifecycle.Account())
    machine.add_model(theirs)
    assert ours == steps
    for order in (theirs, lifecycle.StateMachineOrder(lifecycle.Account())):
        assert [entry[:2] for entry in lifecycle.by_steps(order)] == steps


def test_a_ratio_is_that_of_the_best_rounds_which_no_load_can_improve() -> None:
    ours, theirs = Result(seconds=(1.0, 10.0, 2.0)), Result(seconds=(40.0, 4.0, 5.0))
    assert ours.times_faster_than(theirs) == 4.0
    assert ours.microseconds == 1_000_000


@given(st.integers(0, 10**9))
def test_shoppers_of_the_load_order_with_eids_that_are_valid(number: int) -> None:
    assert Eid(shoppers.eid(number)).value == shoppers.eid(number)


def test_a_figure_that_is_exactly_its_target_is_kept() -> None:
    assert "kept" in str(flow.Line(what="place", figure=20.0, most=20))
    assert "missed" in str(flow.Line(what="place", figure=20.1, most=20))
    assert "kept" in str(flow.Line(what="orders", figure=150.0, least=150))
    assert "missed" in str(flow.Line(what="orders", figure=149.9, least=150))


def test_of_a_hundred_figures_ninety_nine_do_not_exceed_the_percentile() -> None:
    figures = [float(figure) for figure in range(100)]
    assert flow.percentile(figures[::-1], 0.99) == 99
    assert flow.percentile([1.0], 0.99) == 1


def test_what_is_measured_lacks_nothing_that_an_extra_brings_and_has_nothing_of_development() -> None:
    absent = installed.absent()
    assert absent >= {"pydantic", "pydantic_core", "hypothesis", "mypy", "transitions"}
    brought = {
        "attrs",
        "cattrs",
        "dbos",
        "jwt",
        "litestar",
        "ordering_core",
        "prometheus_client",
        "sqlalchemy",
    }
    of_others = {"cryptography", "greenlet", "h11", "mako", "rich", "typing_extensions", "yaml"}
    assert not absent & (brought | of_others)


def test_only_what_is_named_is_not_found() -> None:
    finder = Without({"litestar"})
    assert finder.find_spec("litestar") is None
    assert finder.find_spec("attrs") is not None
    assert [
        *finder.find_distributions(DistributionFinder.Context(name="litestar"))
    ]  # its version is asked for


def test_a_requirement_is_one_of_its_extra_alone_and_brings_its_own_extras() -> None:
    def brought(requirement: str, extra: str) -> list[tuple[str, str]]:
        return list(installed.packages(requirement, extra))

    assert brought("Litestar[jwt, Redis]<3,>=2.23", "") == [
        ("litestar", ""),
        ("litestar", "jwt"),
        ("litestar", "Redis"),
    ]
    assert brought("typing_extensions; python_version < '3.12'", "") == [("typing-extensions", "")]
    assert brought('pydantic>2; extra == "pydantic"', "") == []
    assert brought('pydantic>2; extra == "pydantic"', "pydantic") == [("pydantic", "")]


def test_transactions_of_others_are_told_from_ours_and_reading_from_writing() -> None:
    ours, other = (create_engine("sqlite://", poolclass=StaticPool) for _ in range(2))
    with HeardBeside(ours) as heard:
        for engine in (ours, other):
            with engine.begin() as connection:
                connection.exec_driver_sql("CREATE TABLE t (n)")
                connection.exec_driver_sql("INSERT INTO t VALUES (1)")
            with engine.connect() as connection:
                connection.exec_driver_sql("SELECT n FROM t")
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("UPDATE t SET n = 2")
    with other.connect() as connection:
        connection.exec_driver_sql("SELECT 'after it was left'")
    assert [(each.statements, each.wrote) for each in heard.transactions] == [
        (4, True),
        (1, False),
        (1, True),
    ]
    ours.dispose()
    other.dispose()
