"""
What each mail says, in Japanese and in English below it: no system tells us which of them a customer reads.

It names the order by its number and nothing of what was typed: mail is read by many.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from ordering_core.ports.notifications import Notification, NotificationKind


@attrs.frozen
class MailText:
    """Subject and sentence of one kind of mail, in both languages."""

    subject_ja: str
    subject_en: str
    body_ja: str
    body_en: str


TEXTS: Final[Mapping[NotificationKind, MailText]] = MappingProxyType(
    {
        NotificationKind.RECEIVED: MailText(
            "ご注文を受け付けました",
            "We have received your order",
            "ご注文ありがとうございます。1営業日以内に内容を確認いたします。",
            "Thank you for your order. We review it within one business day.",
        ),
        NotificationKind.APPROVED: MailText(
            "ご注文が承認されました",
            "Your order is approved",
            "ご注文の内容を確認し、開通の準備を始めました。",
            "We have reviewed your order and are setting up your service.",
        ),
        NotificationKind.DATE_SET: MailText(
            "開通予定日のお知らせ",
            "Your activation date",
            "開通予定日が決まりました。",
            "The date of your activation is set.",
        ),
        NotificationKind.ACTION_NEEDED: MailText(
            "お客様のお手続きが必要です",
            "We need something from you",
            "ご注文を進めるために、マイページでのお手続きをお願いいたします。",
            "Please sign in to your account so that your order can go on.",
        ),
        NotificationKind.CARD_REJECTED: MailText(
            "本人確認書類を確認できませんでした",
            "Your identity document could not be accepted",
            "マイページから、本人確認書類をもう一度ご提出ください。",
            "Please sign in to your account and upload your identity document again.",
        ),
        NotificationKind.ELIGIBILITY_RESULT: MailText(
            "提供エリア確認の結果",
            "The result of your eligibility check",
            "提供エリアの確認が終わりました。マイページで結果をご覧ください。",
            "Your address was checked. Please sign in to your account for the result.",
        ),
        NotificationKind.ACTIVE: MailText(
            "サービスが開通しました",
            "Your service is active",
            "サービスをご利用いただけます。",
            "Your service is ready to use.",
        ),
        NotificationKind.STOPPED: MailText(
            "ご注文はキャンセルされました",
            "Your order was cancelled",
            "ご注文はキャンセルされました。理由はマイページでご覧ください。",
            "Your order was cancelled. Please sign in to your account for the reason.",
        ),
    }
)


def subject_of(mail: Notification) -> str:
    """Return the subject line, which names the order by its number."""
    text = TEXTS[mail.kind]
    about = f" [{mail.order_number}]" if mail.order_number else ""
    return f"{text.subject_ja} / {text.subject_en}{about}"


def body_of(mail: Notification) -> str:
    """Return the text, ending with the date or the sentence of this very mail, if there is one."""
    text = TEXTS[mail.kind]
    number_ja = f"\nご注文番号: {mail.order_number}" if mail.order_number else ""
    number_en = f"\nOrder number: {mail.order_number}" if mail.order_number else ""
    detail = f"\n{mail.detail}" if mail.detail else ""
    return f"{text.body_ja}{number_ja}{detail}\n\n{text.body_en}{number_en}{detail}\n"
