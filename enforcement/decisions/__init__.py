"""Proposals, frozen targets, approvals."""
