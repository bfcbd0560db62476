"""Publishing a platform event by POST: it is queued, and a success has an entry under errors."""

from __future__ import annotations

from ordering_sandbox.salesforce.api.messages import ApiAnswer, ApiCall
from ordering_sandbox.salesforce.errors import ApiError, Refusal, refuse
from ordering_sandbox.salesforce.flows import announce
from ordering_sandbox.salesforce.ids import make_id
from ordering_sandbox.salesforce.reading_records import read_record
from ordering_sandbox.salesforce.schema import ObjectType
from ordering_sandbox.salesforce.work import Work


def publish(work: Work, kind: ObjectType, call: ApiCall) -> ApiAnswer:
    """Answer POST /sobjects/X__e."""
    if not kind.writable:
        raise refuse(403, "INSUFFICIENT_ACCESS_OR_READONLY", f"entity type cannot be inserted: {kind.label}")
    values, wrong = read_record(work, kind, call.record(), new=True)
    if wrong:
        raise Refusal(400, wrong)
    said = {name: None if value is None else str(value) for name, value in values.items()}
    event_id = announce(work, kind.name, said)
    queued = ApiError("OPERATION_ENQUEUED", event_id).render_in_collection()
    event = make_id(kind.prefix, work.numbers.take(kind.prefix))
    return ApiAnswer(status=201, body={"id": event, "success": True, "errors": [queued]})
