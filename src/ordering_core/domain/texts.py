"""
What customers read about their orders, in English and in Japanese.

The English is the seed's wherever it gives one ("Order Confirmation and Tracking", "Order Statuses and Their
Meaning"). Which sentence applies is decided in `guidance`; here are only the words.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from ordering_core.domain.order_status import OrderState
from ordering_core.domain.representation import shown
from ordering_core.domain.vocabulary import OrderType


class Language(StrEnum):
    """The languages that customers are addressed in."""

    ENGLISH = "en"
    JAPANESE = "ja"


@attrs.frozen
class Text:
    """One sentence or label in each language; ``{date}`` stands for a day."""

    english: str
    japanese: str

    __repr__ = shown

    def in_language(self, language: Language) -> str:
        """Return the wording for a reader of *language*."""
        return self.japanese if language is Language.JAPANESE else self.english


_S = OrderState

PROCESSING: Final = Text("Processing", "手続き中")
ACTION_NEEDED: Final = Text("Action Needed", "お客様のご対応が必要です")
INSTALLATION_SCHEDULED: Final = Text("Installation Scheduled", "工事日確定")
_CANCELLED: Final = Text("Cancelled", "キャンセル")

LABELS: Final[Mapping[OrderState, Text]] = MappingProxyType(
    {
        _S.UNDER_REVIEW: Text("Under Review", "審査中"),
        _S.APPROVED: PROCESSING,
        _S.AWAITING_SIM_ASSIGNMENT: PROCESSING,
        _S.SCHEDULED: Text("Activation Scheduled", "開通予定"),
        _S.ACTIVATING: Text("Setting Up Service", "開通作業中"),
        _S.ON_HOLD: PROCESSING,
        _S.ACTIVATED: Text("Service Active", "ご利用中"),
        _S.REJECTED: _CANCELLED,
        _S.CANCELLED: _CANCELLED,
        _S.UNKNOWN: PROCESSING,
    }
)
"""The status pill of each state (DESIGN 4, table)."""

BANNER_TITLE: Final = Text("Order submitted", "ご注文を受け付けました")
INSTALLATION_AFTER_APPROVAL: Final = Text(
    "Installation scheduling happens right after approval.", "承認後、すぐに工事日の調整を始めます。"
)
SUCCESS_BANNER: Final = (
    Text(
        "We've received your order and started the review process.", "ご注文を受け付け、審査を開始しました。"
    ),
    Text("We'll confirm everything within 1 business day.", "1営業日以内に内容を確認いたします。"),
    Text(
        "You'll get an email as soon as the order is approved.",
        "ご注文が承認され次第、メールでお知らせします。",
    ),
)
"""The lines under *Order submitted*; Internet has one more (DESIGN 3.22)."""

INSTALLATION_FEE_NOTICE: Final = Text(
    "Standard installation is included, but additional charges may apply for weekend scheduling"
    " or specialized equipment.",
    "標準工事費は料金に含まれています。土日祝日の工事や特別な機器が必要な場合は、追加料金がかかることがあります。",
)

WITHIN_ONE_DAY: Final = Text(
    "We will contact you within 1 business day with next steps.",
    "1営業日以内に、今後の流れについてご連絡いたします。",
)
APPROVED_NEXT: Final[Mapping[OrderType, Text]] = MappingProxyType(
    {
        OrderType.INTERNET: Text(
            "Your order is approved. We are arranging the installation date with NTT"
            " and will tell you as soon as it is set.",
            "ご注文が承認されました。NTTと工事日を調整しており、決まり次第お知らせします。",
        ),
        OrderType.SIM: Text(
            "Your order is approved. We are preparing your SIM.",
            "ご注文が承認されました。SIMの準備をしています。",
        ),
        OrderType.VPN: Text(
            "Your order is approved. We are preparing your router for shipping.",
            "ご注文が承認されました。ルーターの発送準備をしています。",
        ),
    }
)
SIM_ON_ITS_WAY: Final = Text(
    "Your SIM is on its way. When it has arrived, choose “I have my SIM, move my number now”.",
    "SIMを発送しました。お手元に届きましたら「SIMが届いたので電話番号を移す」を選んでください。",
)
SCHEDULED_FOR: Final[Mapping[OrderType, Text]] = MappingProxyType(
    {
        OrderType.INTERNET: Text(
            "Your installation is scheduled for {date}.", "工事日は{date}に決まりました。"
        ),
        OrderType.SIM: Text("Your SIM will be activated on {date}.", "SIMは{date}に開通します。"),
        OrderType.VPN: Text("Your service will start on {date}.", "サービスは{date}に始まります。"),
    }
)
DATE_TO_COME: Final = Text(
    "We are settling the date and will tell you as soon as it is set.",
    "日程を調整しており、決まり次第お知らせします。",
)
SETTING_UP: Final = Text(
    "We are setting up your service. There is nothing you need to do.",
    "サービスの開通作業を行っています。お客様に行っていただくことはありません。",
)
ACT_TO_CONTINUE: Final = Text(
    "Your order continues as soon as you have done what is asked above.",
    "上記のご対応が済み次第、手続きを再開します。",
)
WE_ARE_ON_IT: Final = Text(
    "We are checking a detail of your order and will contact you if we need anything from you.",
    "ご注文の内容を確認しています。お客様のご対応が必要な場合はご連絡いたします。",
)
ACTIVE_NOW: Final = Text("Your service is active.", "サービスをご利用いただけます。")
NOT_CHARGED: Final = Text(
    "You have not been charged for this order. You are welcome to order again.",
    "このご注文の料金は発生していません。またのご注文をお待ちしております。",
)
CONTACT_US: Final = Text(
    "If you have questions about this order, please contact our support team.",
    "このご注文についてご不明な点は、サポートまでお問い合わせください。",
)

NEUTRAL_REJECTION: Final = Text(
    "We could not accept this order. Please contact our support team for details.",
    "このご注文はお受けできませんでした。詳しくはサポートまでお問い合わせください。",
)
NEUTRAL_CANCELLATION: Final = Text("This order was cancelled.", "このご注文はキャンセルされました。")


class StopReason(StrEnum):
    """The reason codes of Rejection_Reason__c (DESIGN 3.6, 3.27), along the seed's review checklist."""

    IDENTITY_MISMATCH = "IDENTITY_MISMATCH"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    ADDRESS_NOT_SERVICEABLE = "ADDRESS_NOT_SERVICEABLE"
    DUPLICATE_SERVICE = "DUPLICATE_SERVICE"
    MNP_NOT_POSSIBLE = "MNP_NOT_POSSIBLE"
    CUSTOMER_REQUEST = "CUSTOMER_REQUEST"


STOP_REASONS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        StopReason.IDENTITY_MISMATCH: Text(
            "We could not confirm that your identity document matches your account.",
            "本人確認書類とご登録内容の一致を確認できませんでした。",
        ),
        StopReason.NOT_ELIGIBLE: Text(
            "The service you ordered is not available at your address.",
            "ご注文のサービスは、ご住所ではご利用いただけません。",
        ),
        StopReason.ADDRESS_NOT_SERVICEABLE: Text(
            "We could not confirm the installation address.", "設置先のご住所を確認できませんでした。"
        ),
        StopReason.DUPLICATE_SERVICE: Text(
            "You already have an active service of this kind.",
            "同じ種類のサービスをすでにご利用中です。",
        ),
        StopReason.MNP_NOT_POSSIBLE: Text(
            "Your phone number could not be moved with the details given.",
            "ご入力いただいた内容では、電話番号をお移しできませんでした。",
        ),
        StopReason.CUSTOMER_REQUEST: Text(
            "This order was cancelled as you asked.", "お客様のご依頼によりキャンセルしました。"
        ),
    }
)
"""What the customer reads for each reason code."""
