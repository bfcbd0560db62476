"""Profiles of eSIMs over ES2+ of GSMA SGP.22 v2.2 (reference japan-telecom 3.2)."""
