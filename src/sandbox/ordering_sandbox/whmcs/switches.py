"""How this installation behaves where installations differ, or where nobody has documented what they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from ordering_sandbox.json_values import JsonObject, NotJson, expect_list, flag_of, number_of, text_of


_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "ids": ("documented", "texts", "numbers"),
    "empty_lists": ("list", "text", "object", "missing"),
    "tax_calculation": ("total", "line"),
    "tax_rounding": ("cents", "floor", "half_up"),
    "default_responsetype": ("xml", "json", "nvp"),
    "unknown_action": ("function", "command", "invalid"),
}


@attrs.frozen(kw_only=True)
class Switches:
    """
    The installation's switches; the defaults are what WHMCS documents or is best known to do.

    What is stored:

    * *custom_fields_at_order*, *notes_at_order*, *domain_at_order*: whether AddOrder stores what it was sent;
    * *services_in_order*: whether services come in the order of ``pid[]``;
    * *accept_activates*: whether AcceptOrder activates services without a module;
    * *cancel_items*, *cancel_invoice*: whether CancelOrder and FraudOrder take services and invoice along;
    * *cancel_subscriptions*: whether a gateway can end a subscription (``cancelsub``);
    * *phone_digits_only*: UpdateClient keeps only the digits of a phone number;
    * *password_required*: AddClient needs ``password2``; *strict_arrays*: ``pid`` has to be an array;
    * *sso_destinations*: whether ``clientarea:…`` destinations are known;
    * *modules_known*: a service without a module is told so, else the module is not found.

    How it answers:

    * *ids*: numbers and texts as documented, all as texts, or whole numbers wherever a text is one;
    * *empty_lists*: ``[]``, ``""``, ``{}`` in the container's place, or no container at all;
    * *lists_as_objects*: a list comes as ``{"1": …, "2": …}``; *money_as_numbers*: 6500 for "6500.00";
    * *status_key*: ``status`` instead of ``result``, but for answers with a status of their own;
    * *productids*: AddOrder repeats ``serviceids`` under it;
    * *custom_fields_listed*: GetProducts lists custom fields; *custom_field_names*: services say names;
    * *hidden_fields*: fields left out, ``"GetOrders.notes"``;
    * *miscounted*: actions whose total counts one row more than there is to show;
    * *default_responsetype*; *unknown_action*: which message an unknown action gets.

    Who may call:

    * *denied_actions*: actions the API role lacks; *allowed_ips*; *access_key*, which stands in for the list;
    * *failures_to_ban*: failed logins after which the address is locked out (0: never);
    * *refusals_as_200*: refusals at the door come with status 200.

    Money and time: *tax_rate* (per cent), *tax_inclusive*, *tax_calculation* (on the total, or line by
    line), *tax_rounding*; *order_grace_days*; *largest_page* (0: no limit); *utc_offset* of the server in
    hours; *invoice_days* before the due date at which the daily job bills; *version*.
    """

    custom_fields_at_order: bool = True
    notes_at_order: bool = True
    domain_at_order: bool = True
    services_in_order: bool = True
    accept_activates: bool = False
    cancel_items: bool = True
    cancel_invoice: bool = True
    cancel_subscriptions: bool = True
    phone_digits_only: bool = False
    password_required: bool = False
    strict_arrays: bool = False
    sso_destinations: bool = True
    modules_known: bool = True
    ids: str = "documented"
    empty_lists: str = "list"
    lists_as_objects: bool = False
    money_as_numbers: bool = False
    status_key: bool = False
    productids: bool = True
    custom_fields_listed: bool = True
    custom_field_names: bool = True
    hidden_fields: tuple[str, ...] = ()
    miscounted: tuple[str, ...] = ()
    default_responsetype: str = "xml"
    unknown_action: str = "function"
    denied_actions: tuple[str, ...] = ()
    allowed_ips: tuple[str, ...] = ("127.0.0.1", "::1")
    access_key: str = ""
    failures_to_ban: int = 0
    refusals_as_200: bool = False
    tax_rate: str = "10.000"
    tax_inclusive: bool = False
    tax_calculation: str = "total"
    tax_rounding: str = "cents"
    order_grace_days: int = 0
    largest_page: int = 0
    utc_offset: int = 9
    invoice_days: int = 14
    version: str = "8.13.1"

    def changed(self, record: JsonObject) -> Switches:
        """
        Return the switches with those that *record* names set.

        Raises:
            NotJson: It names an unknown one, or a value of another kind.

        """
        known = {field.name for field in attrs.fields(Switches)}
        if unknown := record.keys() - known:
            raise NotJson(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")

        def flag(name: str, standing: bool) -> bool:  # noqa: FBT001 - the switch as it stands
            return flag_of(record, name, default=standing)

        def number(name: str, standing: int) -> int:
            return int(number_of(record, name, standing))

        def text(name: str, standing: str) -> str:
            wanted = text_of(record, name, standing)
            if name in _CHOICES and wanted not in _CHOICES[name]:
                raise NotJson(f"{name} has to be one of: {', '.join(_CHOICES[name])}")
            return wanted

        def texts(name: str, standing: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(str(item) for item in expect_list(record[name])) if name in record else standing

        return Switches(
            custom_fields_at_order=flag("custom_fields_at_order", self.custom_fields_at_order),
            notes_at_order=flag("notes_at_order", self.notes_at_order),
            domain_at_order=flag("domain_at_order", self.domain_at_order),
            services_in_order=flag("services_in_order", self.services_in_order),
            accept_activates=flag("accept_activates", self.accept_activates),
            cancel_items=flag("cancel_items", self.cancel_items),
            cancel_invoice=flag("cancel_invoice", self.cancel_invoice),
            cancel_subscriptions=flag("cancel_subscriptions", self.cancel_subscriptions),
            phone_digits_only=flag("phone_digits_only", self.phone_digits_only),
            password_required=flag("password_required", self.password_required),
            strict_arrays=flag("strict_arrays", self.strict_arrays),
            sso_destinations=flag("sso_destinations", self.sso_destinations),
            modules_known=flag("modules_known", self.modules_known),
            ids=text("ids", self.ids),
            empty_lists=text("empty_lists", self.empty_lists),
            lists_as_objects=flag("lists_as_objects", self.lists_as_objects),
            money_as_numbers=flag("money_as_numbers", self.money_as_numbers),
            status_key=flag("status_key", self.status_key),
            productids=flag("productids", self.productids),
            custom_fields_listed=flag("custom_fields_listed", self.custom_fields_listed),
            custom_field_names=flag("custom_field_names", self.custom_field_names),
            hidden_fields=texts("hidden_fields", self.hidden_fields),
            miscounted=texts("miscounted", self.miscounted),
            default_responsetype=text("default_responsetype", self.default_responsetype),
            unknown_action=text("unknown_action", self.unknown_action),
            denied_actions=texts("denied_actions", self.denied_actions),
            allowed_ips=texts("allowed_ips", self.allowed_ips),
            access_key=text("access_key", self.access_key),
            failures_to_ban=number("failures_to_ban", self.failures_to_ban),
            refusals_as_200=flag("refusals_as_200", self.refusals_as_200),
            tax_rate=text("tax_rate", self.tax_rate),
            tax_inclusive=flag("tax_inclusive", self.tax_inclusive),
            tax_calculation=text("tax_calculation", self.tax_calculation),
            tax_rounding=text("tax_rounding", self.tax_rounding),
            order_grace_days=number("order_grace_days", self.order_grace_days),
            largest_page=number("largest_page", self.largest_page),
            utc_offset=number("utc_offset", self.utc_offset),
            invoice_days=number("invoice_days", self.invoice_days),
            version=text("version", self.version),
        )

    def render(self) -> JsonObject:
        """Return every switch."""
        lists = {
            "hidden_fields": list(self.hidden_fields),
            "miscounted": list(self.miscounted),
            "denied_actions": list(self.denied_actions),
            "allowed_ips": list(self.allowed_ips),
        }
        return {**attrs.asdict(self), **lists}
