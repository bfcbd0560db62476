"""The tables of the installation: names and defaults as the API and WHMCS's own pages call them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs


Value: TypeAlias = "int | str"
"""What a column holds: money as text with two decimals, dates and moments as texts of the server's zone."""

Row: TypeAlias = Mapping[str, Value]
"""One row by the names of its columns."""

NO_DATE: Final = "0000-00-00"
NO_MOMENT: Final = "0000-00-00 00:00:00"

_EVERY_MAIL: Final = '{"general":"1","invoice":"1","support":"1","product":"1","domain":"1","affiliate":"1"}'


@attrs.frozen(kw_only=True)
class Table:
    """One table: the columns beside ``id`` with their defaults, those that are looked up by, its first id."""

    columns: Mapping[str, Value]
    indexes: tuple[str, ...] = ()
    first: int = 1
    """Ids of different tables begin in different places, so that one taken for another is not found."""


TABLES: Final[Mapping[str, Table]] = MappingProxyType(
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
        "orders": Table(
            columns={
                "ordernum": "",
                "userid": 0,
                "contactid": 0,
                "requestor_id": 0,
                "admin_requestor_id": 1,
                "date": "",
                "promocode": "",
                "amount": "0.00",
                "paymentmethod": "",
                "invoiceid": 0,
                "status": "Pending",
                "ipaddress": "",
                "notes": "",
            },
            indexes=("userid", "status"),
            first=2001,
        ),
        "services": Table(
            columns={
                "clientid": 0,
                "orderid": 0,
                "pid": 0,
                "qty": 1,
                "regdate": "",
                "domain": "",
                "dedicatedip": "",
                "serverid": 0,
                "suspensionreason": "",
                "firstpaymentamount": "0.00",
                "recurringamount": "0.00",
                "paymentmethod": "",
                "billingcycle": "",
                "nextduedate": NO_DATE,
                "nextinvoicedate": NO_DATE,
                "terminationdate": NO_DATE,
                "status": "Pending",
                "username": "",
                "password": "",
                "subscriptionid": "",
                "promoid": 0,
                "overideautosuspend": "",
                "overidesuspenduntil": NO_DATE,
                "ns1": "",
                "ns2": "",
                "assignedips": "",
                "notes": "",
                "diskusage": 0,
                "disklimit": 0,
                "bwusage": 0,
                "bwlimit": 0,
                "lastupdate": NO_MOMENT,
            },
            indexes=("clientid", "orderid", "domain"),
            first=5001,
        ),
        "fieldvalues": Table(columns={"fieldid": 0, "relid": 0, "value": ""}, indexes=("relid", "value")),
        "addons": Table(
            columns={
                "qty": 1,
                "userid": 0,
                "orderid": 0,
                "serviceid": 0,
                "addonid": 0,
                "name": "",
                "setupfee": "0.00",
                "recurring": "0.00",
                "billingcycle": "Monthly",
                "tax": "",
                "status": "Active",
                "regdate": NO_DATE,
                "nextduedate": NO_DATE,
                "nextinvoicedate": NO_DATE,
                "paymentmethod": "",
                "notes": "",
            },
            indexes=("serviceid", "userid"),
        ),
        "cancellations": Table(
            columns={"date": "", "relid": 0, "reason": "", "type": "End of Billing Period"},
            indexes=("relid",),
        ),
        "invoices": Table(
            columns={
                "userid": 0,
                "invoicenum": "",
                "date": "",
                "duedate": "",
                "datepaid": NO_MOMENT,
                "last_capture_attempt": NO_MOMENT,
                "date_refunded": NO_MOMENT,
                "date_cancelled": NO_MOMENT,
                "subtotal": "0.00",
                "credit": "0.00",
                "tax": "0.00",
                "tax2": "0.00",
                "total": "0.00",
                "taxrate": "0.000",
                "taxrate2": "0.000",
                "status": "Unpaid",
                "paymentmethod": "",
                "notes": "",
                "created_at": "",
                "updated_at": "",
            },
            indexes=("userid",),
            first=7001,
        ),
        "invoiceitems": Table(
            columns={
                "invoiceid": 0,
                "type": "",
                "relid": 0,
                "description": "",
                "amount": "0.00",
                "taxed": 0,
            },
            indexes=("invoiceid", "relid"),
        ),
        "transactions": Table(
            columns={
                "invoiceid": 0,
                "userid": 0,
                "gateway": "",
                "date": "",
                "description": "",
                "amountin": "0.00",
                "fees": "0.00",
                "transid": "",
            },
            indexes=("invoiceid",),
        ),
        "tokens": Table(
            columns={"token": "", "client": 0, "user": 0, "path": "", "expires": "", "used": 0},
            indexes=("token",),
        ),
        "settings": Table(columns={"name": "", "value": ""}, indexes=("name",)),
        "notifications": Table(columns={"identifier": "", "title": "", "date": ""}),
        "modulequeue": Table(
            columns={
                "serviceType": "service",
                "serviceId": 0,
                "moduleName": "",
                "moduleAction": "",
                "lastAttempt": "",
                "lastAttemptError": "",
                "numRetries": 0,
                "completed": 0,
                "createdAt": "",
                "updatedAt": "",
            }
        ),
    }
)
"""Every table by its name; a seed file is rows by these names."""
