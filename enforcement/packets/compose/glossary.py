"""The words of the glossary: entry, what in the packet's text calls for it, meaning."""

from __future__ import annotations

WORDS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("account", ("account",), "A customer account on the platform, named by the platform’s own id."),
    ("action, target", ("target",), "One enforcement step; one account that it falls on, with a status of its own."),
    ("alert", ("alert",), "All signals with one detector, rule and account."),
    (
        "appeal",
        ("appeal",),
        "What an account holder answers to a notice; decided by someone who had no part in the decision.",
    ),
    ("approval", ("approv",), "A named second person’s yes to exactly one frozen list, named by its digest."),
    ("archive, segment", ("segment", "archive"), "The store of every accepted signal; one immutable file of it."),
    ("attribution", ("attribut",), "An organization as it stands in the case: role, confidence, basis."),
    ("Bates number", ("bates",), "A number for each page, for citing."),
    (
        "bits",
        ("bits",),
        "Weight of evidence on a logarithmic scale: each bit doubles the odds that two accounts belong together.",
    ),
    (
        "cluster",
        ("cluster",),
        "A lasting group of linked accounts, with a history of its members. It says nothing about conduct.",
    ),
    (
        "digest, hash, SHA-256",
        ("sha-256",),
        "A fixed-length value computed from bytes. Different bytes with the same value are not known to exist.",
    ),
    ("exchange", ("exchange",), "One request to a model together with its answer."),
    ("exhibit", ("exhibit",), "A preserved item that is part of a packet."),
    ("finding", ("finding",), "The issuer’s conclusion about one subject: violating, not violating, unclear."),
    ("hub", ("hub",), "A place-like identifier, such as a network range, that many members came through."),
    ("identifier", ("identifier",), "A thing that accounts share, such as a payment instrument or a template."),
    ("seal", ("seal",), "A signed chain over all audit events and row history, one value for each batch."),
    ("signal", ("signal",), "One observation by one detector about one account at one time."),
    ("subject", ("subject",), "An account as it stands in one case."),
    ("template", ("template",), "The wording that prompts have in common when their variable parts are taken out."),
)
