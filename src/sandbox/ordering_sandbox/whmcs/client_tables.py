"""The tables of who calls and who buys, and of what can be bought."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ordering_sandbox.whmcs.tables import Table


_EVERY_MAIL: Final = '{"general":"1","invoice":"1","support":"1","product":"1","domain":"1","affiliate":"1"}'

CLIENT_TABLES: Final[Mapping[str, Table]] = MappingProxyType(
    {
        "admins": Table(columns={"username": "", "password": "", "disabled": 0, "api_access": 1}),
        "credentials": Table(
            columns={"identifier": "", "secret": "", "admin": "", "actions": "*"}, indexes=("identifier",)
        ),
        "currencies": Table(
            columns={"code": "", "prefix": "", "suffix": "", "format": "1", "rate": "1.00000"}
        ),
        "gateways": Table(
            columns={"module": "", "displayname": "", "type": "CreditCard", "remote": 1, "active": 1}
        ),
        "groups": Table(columns={"name": ""}),
        "products": Table(
            columns={
                "gid": 1,
                "type": "other",
                "name": "",
                "slug": "",
                "description": "",
                "module": "",
                "paytype": "recurring",
                "allowqty": 0,
                "tax": 1,
                "pricing": "{}",
                "retired": 0,
            }
        ),
        "customfields": Table(
            columns={
                "type": "product",
                "relid": 0,
                "fieldname": "",
                "description": "",
                "adminonly": "on",
                "showorder": "on",
                "required": "",
            },
            indexes=("relid",),
        ),
        "clients": Table(
            columns={
                "uuid": "",
                "firstname": "",
                "lastname": "",
                "companyname": "",
                "email": "",
                "address1": "",
                "address2": "",
                "city": "",
                "state": "",
                "postcode": "",
                "country": "JP",
                "phonenumber": "",
                "tax_id": "",
                "email_preferences": _EVERY_MAIL,
                "notes": "",
                "currency": 1,
                "defaultgateway": "",
                "groupid": 0,
                "status": "Active",
                "credit": "0.00",
                "taxexempt": 0,
                "latefeeoveride": 0,
                "overideduenotices": 0,
                "separateinvoices": 0,
                "disableautocc": 0,
                "marketing_emails_opt_in": 0,
                "overrideautoclose": 0,
                "allow_sso": 1,
                "language": "",
                "datecreated": "",
                "ip": "",
            },
            indexes=("email",),
        ),
        "users": Table(
            columns={
                "firstname": "",
                "lastname": "",
                "email": "",
                "password": "",
                "two_factor": 0,
                "datecreated": "",
            },
            indexes=("email",),
            first=501,
        ),
        "clientusers": Table(columns={"client": 0, "user": 0, "owner": 1}, indexes=("client", "user")),
        "paymethods": Table(
            columns={
                "clientid": 0,
                "type": "RemoteCreditCard",
                "description": "",
                "gateway_name": "",
                "card_last_four": "",
                "expiry_date": "",
                "start_date": "",
                "issue_number": "",
                "card_type": "",
                "bank_name": "",
                "remote_token": "",
                "last_updated": "",
                "position": 0,
            },
            indexes=("clientid",),
            first=301,
        ),
        "tokens": Table(
            columns={"token": "", "client": 0, "user": 0, "path": "", "expires": "", "used": 0},
            indexes=("token",),
        ),
        "settings": Table(columns={"name": "", "value": ""}, indexes=("name",)),
        "notifications": Table(columns={"identifier": "", "title": "", "date": ""}),
    }
)
