"""
Opening the line of a SIM: look, submit once, wait until the network is through, then the voice options.

Where profiles of eSIMs are delivered beside it, one is reserved before, released once the line is open, and
given back when the line fails. Each of these may be made again, so an unknown outcome needs no look.

A port cannot be undone: what came of an unknown submission is a person's to find out, even where a look shows
nothing. Nothing is sent to a line while the network is still at it (DESIGN 5).
"""

from __future__ import annotations

from typing import Final, assert_never

from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.journal import Evidence, Fact, Held, Outcome, Rest, Step, WaitFor
from ordering_core.domain.lines import Line, LineRequest, LineState
from ordering_core.domain.provisioning.actions import (
    Adopt,
    MoveProfile,
    Question,
    Settle,
    SetVoiceOptions,
    SubmitLine,
)
from ordering_core.domain.provisioning.billing import was_adopted
from ordering_core.domain.provisioning.flight import (
    Standing,
    delayed,
    evidence,
    last,
    profile_kept,
    standing,
    still_settling,
)
from ordering_core.domain.provisioning.gate import line_request, line_to_submit
from ordering_core.domain.provisioning.holds import absent_answer, held, refused_port
from ordering_core.domain.provisioning.run import Run
from ordering_core.domain.text import InvalidValue
from ordering_core.domain.values import MobileNumber


PORT_REFUSAL: Final = "MNP_"
"""How the network's codes begin when the data of a port are the reason (port `LineProvisioning`)."""


def what_became_of_the_line(run: Run) -> Question | Settle | None:
    """Look for a line of unknown outcome and write down what the look shows, where it shows enough."""
    row = last(run, Step.SUBMIT_LINE)
    if row is None or standing(run, Step.SUBMIT_LINE) is not Standing.UNKNOWN:
        return None
    if run.lines is None and run.searchable:
        return Question.LINES
    if run.live_lines:
        return Settle(row=row.id, outcome=Outcome.DONE, evidence=_found(run.live_lines[0]))
    # A line that failed may be all that is told where the network cannot be asked for the one after it.
    proved_absent = run.lines == () and not run.is_port
    if proved_absent or absent_answer(row) in run.case_file.causes:
        return Settle(row=row.id, outcome=Outcome.ABSENT)
    return None


def open_line(run: Run) -> Question | SubmitLine | SetVoiceOptions | MoveProfile | Adopt | Rest | None:
    """Submit the line, wait for it, and give it its voice options; None when it is open as ordered."""
    if run.sim is None:
        return None
    if line_to_submit(run):
        return _reserve_profile(run) or _submit(run)
    match standing(run, Step.SUBMIT_LINE):
        case Standing.DONE:
            return _submitted(run, run.sim)
        case Standing.DELAYED:
            return delayed(run, Step.SUBMIT_LINE)
        case Standing.REFUSED:
            return _give_profile_back(run) or _refused(run, evidence(run, Step.SUBMIT_LINE))
        case _:
            return held(run, HoldCode.OUTCOME_AMBIGUOUS, facts={"step": Step.SUBMIT_LINE.value})


def _submit(run: Run) -> Question | SubmitLine | Adopt | Rest | None:
    """Look, then submit what nobody has submitted."""
    if run.lines is None and run.searchable:
        return Question.LINES
    if run.live_lines:
        return Adopt(step=Step.SUBMIT_LINE, mark=run.order, evidence=_found(run.live_lines[0]))
    doubtful = run.is_port or run.lines is None
    if was_adopted(run) and doubtful and absent_answer(None) not in run.case_file.causes:
        return held(run, HoldCode.OUTCOME_AMBIGUOUS, facts={"step": Step.SUBMIT_LINE.value})
    if not run.fresh:
        return Question.ORDER
    request = line_request(run)
    return SubmitLine(request) if isinstance(request, LineRequest) else request


def _submitted(run: Run, ordered: SimDraft) -> Question | SetVoiceOptions | MoveProfile | Rest | None:
    """Follow the submitted line until it is open as ordered."""
    if run.lines is None and run.searchable:
        return Question.LINES
    name = evidence(run, Step.SUBMIT_LINE)["line"]
    waiting = WaitFor(Fact.LINE_COMPLETION, run.at + run.policy.line_poll)
    if run.lines is None:
        return waiting
    line = next((known for known in run.lines if known.id == name), None)
    if line is None and still_settling(run, Step.SUBMIT_LINE):
        return waiting  # the network may show it a little later than it took it
    if line is None:
        detail = "the network does not know the submitted line"
        return held(run, HoldCode.OUTCOME_AMBIGUOUS, detail=detail, facts={"line": name})
    match line.state:
        case LineState.SUBMITTED:
            return waiting
        case LineState.FAILED:
            return _give_profile_back(run) or _refused(run, {"line": name, "code": line.failure})
        case LineState.OPEN:
            return (
                _another_number(run, ordered, line)
                or _release_profile(run)
                or _voice_options(run, ordered, line)
            )
        case _:
            assert_never(line.state)


def _another_number(run: Run, ordered: SimDraft, line: Line) -> Held | None:
    """Hold a port whose line opened with another number: it could be somebody else's."""
    moves = ordered.porting.phone_number if ordered.porting else None
    if moves is None or line.number is None:
        return None
    try:
        if line.number.value == MobileNumber.parse(moves).value:
            return None
    except InvalidValue:
        pass  # edited since into what is no number: it cannot be the line's
    detail = f"line {line.id} has another number than the one that moves"
    return held(run, HoldCode.CONFIGURATION, detail=detail, facts={"opened_line": line.id})


def _voice_options(run: Run, ordered: SimDraft, line: Line) -> SetVoiceOptions | Rest | None:
    """Give *line* the voice options that were ordered, unless it has them."""
    wanted = (ordered.voice_mail, ordered.call_waiting)
    if wanted == (line.voice_mail, line.call_waiting):
        return None
    match standing(run, Step.VOICE_OPTIONS, line.id):
        case Standing.DONE:
            return None
        case Standing.DELAYED:
            return delayed(run, Step.VOICE_OPTIONS)
        case Standing.REFUSED:
            return _refused(run, {"line": line.id, **evidence(run, Step.VOICE_OPTIONS)})
        case _:
            return SetVoiceOptions(line=line.id, voice_mail=wanted[0], call_waiting=wanted[1])


def _reserve_profile(run: Run) -> MoveProfile | Rest | None:
    """Reserve a profile before a line that cannot be closed again is asked for; only eSIMs have one."""
    if not run.policy.esim_profile_delivery or run.is_physical or _is_done(run, Step.RESERVE_PROFILE):
        return None
    request = line_request(run)
    return (
        _move(run, MoveProfile(Step.RESERVE_PROFILE, run.order, request))
        if isinstance(request, LineRequest)
        else request
    )


def _release_profile(run: Run) -> MoveProfile | Rest | None:
    """Let the device have the profile that was reserved for the open line."""
    if not profile_kept(run) or _is_done(run, Step.RELEASE_PROFILE):
        return None
    return _move(run, MoveProfile(Step.RELEASE_PROFILE, run.order))


def _give_profile_back(run: Run) -> MoveProfile | Rest | None:
    """Cancel the profile of a line that failed; one that is on a device already is left to a person."""
    if not profile_kept(run) or _stands(run, Step.CANCEL_PROFILE) is Standing.REFUSED:
        return None
    return _move(run, MoveProfile(Step.CANCEL_PROFILE, run.order))


def _move(run: Run, effect: MoveProfile) -> MoveProfile | Rest:
    """Return *effect*, or why it is not to be made now."""
    match _stands(run, effect.step):
        case Standing.DELAYED:
            return delayed(run, effect.step)
        case Standing.REFUSED:
            return held(run, HoldCode.LINE_REFUSED, facts=evidence(run, effect.step))
        case _:
            return effect


def _is_done(run: Run, step: Step) -> bool:
    """Whether *step* was done for the profile that the order has now."""
    return profile_kept(run) and _stands(run, step) is Standing.DONE


def _stands(run: Run, step: Step) -> Standing:
    """Return where *step* stands with the profile reserved last; what came before was about another."""
    row, reserved = last(run, step), last(run, Step.RESERVE_PROFILE)
    if row is not None and reserved is not None and row.id < reserved.id:
        return Standing.TO_DO
    return standing(run, step)


def _refused(run: Run, facts: Evidence) -> Held:
    """Return the hold of a line that the network will not open, or could not."""
    if facts.get("code", "").startswith(PORT_REFUSAL):
        return refused_port(run, facts)
    return held(run, HoldCode.LINE_REFUSED, detail=facts.get("code", ""), facts=facts)


def _found(line: Line) -> dict[str, str]:
    """Return what proves that *line* was submitted."""
    return {"line": line.id}
