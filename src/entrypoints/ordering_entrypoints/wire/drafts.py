"""Drafts and addresses as an answer shows them: what was typed, in its normal form."""

from __future__ import annotations

from typing import Literal, Self, TypeAlias, assert_never

import attrs

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.drafts import Draft, InternetDraft, SimDraft, VpnDraft


@attrs.frozen(kw_only=True)
class InternetDraftView(InternetDraft):
    """An Internet draft, marked as one."""

    type: Literal["Internet"] = "Internet"


@attrs.frozen(kw_only=True)
class SimDraftView(SimDraft):
    """A SIM draft, marked as one."""

    type: Literal["SIM"] = "SIM"


@attrs.frozen(kw_only=True)
class VpnDraftView(VpnDraft):
    """A VPN draft, marked as one."""

    type: Literal["VPN"] = "VPN"


DraftView: TypeAlias = InternetDraftView | SimDraftView | VpnDraftView
"""Any draft; its field ``type`` tells which."""


def draft_view(draft: Draft) -> DraftView:
    """Show *draft*; reading the answer again gives the same draft."""
    match draft:
        case InternetDraft():
            return InternetDraftView(
                skus=draft.skus,
                access_mode=draft.access_mode,
                installation=draft.installation,
                weekend_install=draft.weekend_install,
                hikari_denwa=draft.hikari_denwa,
                router_notice_acknowledged=draft.router_notice_acknowledged,
                notes=draft.notes,
            )
        case SimDraft():
            return SimDraftView(
                skus=draft.skus,
                sim_type=draft.sim_type,
                eid=draft.eid,
                activation_type=draft.activation_type,
                scheduled_on=draft.scheduled_on,
                voice_mail=draft.voice_mail,
                call_waiting=draft.call_waiting,
                porting=draft.porting,
            )
        case VpnDraft():
            return VpnDraftView(skus=draft.skus, region=draft.region)
        case _:
            assert_never(draft)


@attrs.frozen(kw_only=True)
class AddressView:
    """An address; *building* and *room* are empty for a house."""

    postal_code: str = attrs.field(repr=False)
    prefecture: str
    city: str = attrs.field(repr=False)
    town_and_number: str = attrs.field(repr=False)
    building: str = attrs.field(repr=False)
    room: str = attrs.field(repr=False)

    @classmethod
    def of(cls, address: PostalAddress) -> Self:
        """Show *address*, its postal code as on an envelope."""
        return cls(
            postal_code=str(address.postal_code),
            prefecture=address.prefecture,
            city=address.city,
            town_and_number=address.town_and_number,
            building=address.building,
            room=address.room,
        )
