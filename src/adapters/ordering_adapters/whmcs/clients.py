"""Clients of the installation: found by their address of electronic mail, made once (reference 4.7)."""

from __future__ import annotations

import secrets

import attrs

from ordering_adapters.whmcs.api import WhmcsApi
from ordering_adapters.whmcs.billing import address_parameters
from ordering_adapters.whmcs.errors import Code
from ordering_adapters.whmcs.values import Row, is_row, text, whole
from ordering_core.domain.address import PostalAddress
from ordering_core.domain.identifiers import ClientId
from ordering_core.domain.representation import shown
from ordering_core.domain.vocabulary import System
from ordering_core.errors import OutcomeUnknown, Refused


@attrs.frozen(kw_only=True)
class NewClient:
    """Somebody who becomes a client; *phone* as it is dialled in Japan."""

    email: str = attrs.field(repr=False)
    first_name: str = attrs.field(repr=False)
    last_name: str = attrs.field(repr=False)
    phone: str = attrs.field(repr=False)
    address: PostalAddress = attrs.field(repr=False)
    company: str = attrs.field(default="", repr=False)

    __repr__ = shown


class WhmcsClients:
    """The clients of one installation."""

    def __init__(self, api: WhmcsApi) -> None:
        """Nothing is sent before the first call."""
        self._api = api

    def with_email(self, email: str) -> ClientId | None:
        """
        Return the client whose address is exactly *email*, None when there is none.

        Raises:
            Unavailable: It cannot be asked now.

            Refused: WHMCS says no.

        """
        try:
            answer = self._api.read("GetClientsDetails", {"email": email})
        except Refused as refused:
            if refused.code == Code.CLIENT_NOT_FOUND:
                return None
            raise
        inner = answer.get("client")
        client: Row = inner if is_row(inner) else answer
        known = whole(client, "id") or whole(client, "client_id") or whole(client, "userid")
        same = text(client, "email").casefold() == email.strip().casefold()
        return ClientId(known) if same and known is not None else None

    def add(self, new: NewClient) -> ClientId:
        """
        Return the client with the address of *new*, made if there is none; no mail is sent.

        Raises:
            Unavailable: Nothing was made.

            OutcomeUnknown: It may have been made; doing it again is safe.

            Refused: The address belongs to somebody else's user, or a field is missing.

        """
        known = self.with_email(new.email)
        if known is not None:
            return known
        try:
            answer = self._api.write(
                "AddClient",
                {
                    "firstname": new.first_name,
                    "lastname": new.last_name,
                    "companyname": new.company or None,
                    "email": new.email,
                    "phonenumber": new.phone,
                    **address_parameters(new.address, self._api.settings.country),
                    # Nobody ever learns it: who wants to log in there asks for a new one.
                    "password2": secrets.token_urlsafe(24),
                    "noemail": True,
                },
            )
        except Refused as refused:
            known = self.with_email(new.email) if refused.code == Code.EMAIL_TAKEN else None
            if known is None:
                raise
            return known
        made = whole(answer, "clientid")
        if made is None:
            raise OutcomeUnknown(System.WHMCS, "NO_CLIENT_ID")
        return ClientId(made)
