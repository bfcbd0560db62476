"""A WHMCS on one machine: its API with PHP's manners, single sign-on, customers' cards (reference 1-9)."""
