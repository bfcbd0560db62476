"""How SOQL says what is wrong: the line, a caret under the place, row and column, and a sentence."""

from __future__ import annotations

from typing import Final

from ordering_sandbox.salesforce.errors import Refusal, refuse


_SEE_DESCRIBE: Final = "Please reference your WSDL or the describe call for the appropriate names."


def wrong_query(code: str, message: str, text: str, at: int) -> Refusal:
    """Return the refusal of the query *text* because of what stands at *at*."""
    row = text.count("\n", 0, at) + 1
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[start:] if end < 0 else text[start:end]
    caret = " " * (at - start) + "^"
    return refuse(400, code, f"\n{line}\n{caret}\nERROR at Row:{row}:Column:{at - start + 1}\n{message}")


def malformed(message: str, text: str, at: int) -> Refusal:
    """Return the refusal of a query that cannot be read."""
    return wrong_query("MALFORMED_QUERY", message, text, at)


def unexpected(token: str, text: str, at: int) -> Refusal:
    """Return the refusal of a query with *token* where it cannot stand."""
    shown = f"unexpected token: '{token}'" if token else "unexpected token: <EOF>"
    return malformed(shown, text, at)


def no_column(name: str, entity: str, text: str, at: int) -> Refusal:
    """Return the refusal of a field that is not there, or not for this user's eyes."""
    return wrong_query(
        "INVALID_FIELD",
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure"
        f" to append the '__c' after the custom field name. {_SEE_DESCRIBE}",
        text,
        at,
    )


def no_relationship(name: str, text: str, at: int) -> Refusal:
    """Return the refusal of a relationship that is not there."""
    return wrong_query(
        "INVALID_FIELD",
        f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom"
        f" relationship, be sure to append the '__r' after the custom relationship name. {_SEE_DESCRIBE}",
        text,
        at,
    )


def no_object(name: str, text: str, at: int) -> Refusal:
    """Return the refusal of an object that is not there."""
    return wrong_query(
        "INVALID_TYPE",
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to"
        f" append the '__c' after the entity name. {_SEE_DESCRIBE}",
        text,
        at,
    )
