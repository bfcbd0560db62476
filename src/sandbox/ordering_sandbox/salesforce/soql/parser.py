"""Reads a query: its grammar, one method per part."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from ordering_sandbox.salesforce.instants import read_date, read_instant
from ordering_sandbox.salesforce.soql.lexer import (
    LITERAL_PERCENT,
    LITERAL_UNDERSCORE,
    Token,
    TokenKind,
)
from ordering_sandbox.salesforce.soql.refusals import malformed, wrong_query
from ordering_sandbox.salesforce.soql.syntax import (
    Among,
    AmongFound,
    Both,
    Compare,
    Condition,
    Count,
    DateLiteral,
    Either,
    Literal,
    Negation,
    Operator,
    Ordering,
    Path,
    Query,
)
from ordering_sandbox.salesforce.soql.token_reader import TokenReader


_LONGEST_QUERY: Final = 100_000
_LONGEST_TEXT: Final = 4_000
_FARTHEST_OFFSET: Final = 2_000
_SIGNS: Final = {"=": Operator.EQUAL, "!=": Operator.UNEQUAL, "<>": Operator.UNEQUAL} | {
    str(operator): operator
    for operator in (Operator.LESS, Operator.LESS_OR_EQUAL, Operator.GREATER, Operator.GREATER_OR_EQUAL)
}
_DAY: Final = timedelta(days=1)


def parse(text: str, *, today: date) -> Query:
    """
    Read *text*; *today* is what TODAY means.

    Raises:
        Refusal: MALFORMED_QUERY, with the place.

    """
    if len(text) > _LONGEST_QUERY:
        raise malformed("SOQL statements cannot be longer than 100000 characters.", "", 0)
    return _Parser(text, today).whole()


class _Parser(TokenReader):
    def __init__(self, text: str, today: date) -> None:
        super().__init__(text)
        self._today = today

    def whole(self) -> Query:
        query = self._query()
        self.end()
        return query

    def _query(self) -> Query:
        self.word("SELECT")
        selected = [self._selected()]
        while self.sign_follows(","):
            selected.append(self._selected())
        self.word("FROM")
        of = self.name()
        where = self._condition() if self.word_follows("WHERE") else None
        order_by = self._order_by() if self.word_follows("ORDER") else ()
        limit = self.whole_number() if self.word_follows("LIMIT") else None
        offset = self.whole_number() if self.word_follows("OFFSET") else 0
        if offset > _FARTHEST_OFFSET:
            message = f"Maximum SOQL offset allowed is {_FARTHEST_OFFSET}"
            raise wrong_query("NUMBER_OUTSIDE_VALID_RANGE", message, self.text, self.peek().at)
        return Query(
            selected=tuple(selected),
            of=of.text,
            of_at=of.at,
            where=where,
            order_by=tuple(order_by),
            limit=limit,
            offset=offset,
            text=self.text,
        )

    def _selected(self) -> Path | Query | Count:
        if self.sign_follows("("):
            inner = self._query()
            self.sign(")")
            return inner
        name = self.name()
        if name.is_word("COUNT") and self.sign_follows("("):
            path = None if self.peek().is_sign(")") else self.path(self.name())
            self.sign(")")
            named = self.peek().kind is TokenKind.WORD and not self.peek().is_word("FROM")
            return Count(path, self.take().text if named else None)
        return self.path(name)

    def _condition(self) -> Condition:
        """Read one comparison, or several joined by one word: mixtures have to stand in parentheses."""
        first = self._negated()
        if self.peek().is_word("AND"):
            return Both((first, *self._joined_by("AND")))
        if self.peek().is_word("OR"):
            return Either((first, *self._joined_by("OR")))
        return first

    def _joined_by(self, word: str) -> list[Condition]:
        parts: list[Condition] = []
        while self.word_follows(word):
            parts.append(self._negated())
        return parts

    def _negated(self) -> Condition:
        if self.word_follows("NOT"):
            return Negation(self._negated())
        if self.sign_follows("("):
            inner = self._condition()
            self.sign(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        path = self.path(self.name())
        token = self.take()
        if token.is_word("NOT") and self.peek().is_word("IN"):
            self.take()
            return self._among(path, Operator.NOT_IN, token.at)
        if token.is_word("IN"):
            return self._among(path, Operator.IN, token.at)
        operator = Operator.LIKE if token.is_word("LIKE") else _SIGNS.get(token.text)
        if operator is None or token.kind not in (TokenKind.SIGN, TokenKind.WORD):
            raise self.unexpected(token)
        at = self.peek().at
        return Compare(path, operator, self._literal(like=operator is Operator.LIKE), at)

    def _among(self, path: Path, operator: Operator, at: int) -> Condition:
        self.sign("(")
        if self.peek().is_word("SELECT"):
            inner = self._query()
            self.sign(")")
            return AmongFound(path, operator, inner)
        values = [self._literal()]
        while self.sign_follows(","):
            values.append(self._literal())
        self.sign(")")
        return Among(path, operator, tuple(values), at)

    def _literal(self, *, like: bool = False) -> Literal:
        token = self.take()
        match token.kind:
            case TokenKind.TEXT if len(token.text) <= _LONGEST_TEXT:
                return self._pattern(token) if like else self._plain(token)
            case TokenKind.NUMBER:
                return float(token.text) if set(token.text) & set(".eE") else int(token.text)
            case TokenKind.DATETIME if (at := read_instant(token.text)) is not None:
                return at
            case TokenKind.DATE if (day := read_date(token.text)) is not None:
                return day
            case TokenKind.WORD:
                return self._word_literal(token)
            case _:
                raise self.unexpected(token)

    def _plain(self, token: Token) -> str:
        if LITERAL_UNDERSCORE in token.text or LITERAL_PERCENT in token.text:
            raise malformed("Illegal escape sequence: only LIKE has \\_ and \\%", self.text, token.at)
        return token.text

    def _pattern(self, token: Token) -> str:
        """Return a pattern for `like`, in which a backslash makes the next sign mean itself."""
        escaped = token.text.replace("\\", "\\\\")
        return escaped.replace(LITERAL_UNDERSCORE, "\\_").replace(LITERAL_PERCENT, "\\%")

    def _word_literal(self, token: Token) -> Literal:
        match token.text.upper():
            case "NULL":
                return None
            case "TRUE":
                return True
            case "FALSE":
                return False
            case "TODAY":
                return DateLiteral(self._today, self._today + _DAY)
            case "YESTERDAY":
                return DateLiteral(self._today - _DAY, self._today)
            case "TOMORROW":
                return DateLiteral(self._today + _DAY, self._today + 2 * _DAY)
            case "LAST_N_DAYS":
                self.sign(":")
                return DateLiteral(self._today - self.whole_number() * _DAY, self._today + _DAY)
            case "NEXT_N_DAYS":
                self.sign(":")
                return DateLiteral(self._today + _DAY, self._today + (self.whole_number() + 1) * _DAY)
            case _:
                raise self.unexpected(token)

    def _order_by(self) -> list[Ordering]:
        self.word("BY")
        keys = [self._ordering()]
        while self.sign_follows(","):
            keys.append(self._ordering())
        return keys

    def _ordering(self) -> Ordering:
        path = self.path(self.name())
        descending = self.word_follows("DESC")
        if not descending:
            self.word_follows("ASC")
        nulls_first = None
        if self.word_follows("NULLS"):
            nulls_first = self.word_follows("FIRST")
            if not nulls_first:
                self.word("LAST")
        return Ordering(path, descending, nulls_first)
