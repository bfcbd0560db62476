"""
A restored system does nothing twice: 100 orders, 20 of them provisioned after the backup (two minutes).
"""

from pathlib import Path

from tests.unit.storage.restoring import before_and_after


def test_of_100_orders_the_20_provisioned_after_the_backup_are_neither_billed_nor_opened_again(
    tmp_path: Path,
) -> None:
    before_and_after(tmp_path, orders=100, later=20)
