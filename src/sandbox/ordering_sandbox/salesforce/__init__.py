"""A Salesforce org on one machine: REST and Pub/Sub, as far as ordering needs them (reference 2-7)."""
