"""The billing contract on WHMCS, over an installation of the sandbox."""

from tests.contract.whmcs_installation import BillingOnSandbox


class TestWhmcsBilling(BillingOnSandbox):
    pass
