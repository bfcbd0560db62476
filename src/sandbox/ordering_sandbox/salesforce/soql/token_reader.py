"""Goes through the tokens of a query, one after another: what the grammar is written in."""

from __future__ import annotations

from ordering_sandbox.salesforce.errors import Refusal
from ordering_sandbox.salesforce.soql.lexer import Token, TokenKind, tokens
from ordering_sandbox.salesforce.soql.refusals import unexpected
from ordering_sandbox.salesforce.soql.syntax import Path


class TokenReader:
    """The tokens of *text*, and the next of them."""

    def __init__(self, text: str) -> None:
        """
        Stand before the first token.

        Raises:
            Refusal: MALFORMED_QUERY, at what is no token.

        """
        self.text = text
        self._tokens = list(tokens(text))
        self._next = 0

    def peek(self) -> Token:
        """Return the next token and stay before it."""
        return self._tokens[self._next]

    def take(self) -> Token:
        """Return the next token and go on; the end stays the next."""
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def word(self, word: str) -> None:
        """Go over *word*, which has to follow."""
        token = self.take()
        if not token.is_word(word):
            raise self.unexpected(token)

    def sign(self, sign: str) -> None:
        """Go over *sign*, which has to follow."""
        token = self.take()
        if not token.is_sign(sign):
            raise self.unexpected(token)

    def word_follows(self, word: str) -> bool:
        """Go over *word* if it follows; tell whether it did."""
        follows = self.peek().is_word(word)
        self._next += follows
        return follows

    def sign_follows(self, sign: str) -> bool:
        """Go over *sign* if it follows; tell whether it did."""
        follows = self.peek().is_sign(sign)
        self._next += follows
        return follows

    def name(self) -> Token:
        """Go over a name, which has to follow, and return it."""
        token = self.take()
        if token.kind is not TokenKind.WORD:
            raise self.unexpected(token)
        return token

    def path(self, name: Token) -> Path:
        """Return the path that a *name* with dots is."""
        return Path(tuple(name.text.split(".")), name.at)

    def whole_number(self) -> int:
        """Go over a whole number, which has to follow, and return it."""
        token = self.take()
        if token.kind is not TokenKind.NUMBER or not token.text.isdigit():
            raise self.unexpected(token)
        return int(token.text)

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self.peek().kind is not TokenKind.END:
            raise self.unexpected(self.peek())

    def unexpected(self, token: Token) -> Refusal:
        """Return the refusal of a query with *token* where it cannot stand."""
        return unexpected(token.text, self.text, token.at)
