"""A storage of the test's own, two detectors, and the derived rows as one comparable value."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from enforcement.audit.actors import SYSTEM
from enforcement.signals.models import Detector
from enforcement.signals.services import register_detector


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, settings: Settings) -> Path:
    """Everything stored goes to a folder of this test, with a space and a bracket in its name."""
    root = tmp_path / "a [c] store"
    settings.STORAGE_ROOT = root
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(root)}},
    }
    return root


@pytest.fixture
def meter(db: None) -> Detector:
    """The detector that meters the product `api`."""
    return register_detector(
        SYSTEM, slug="meter", name="Meter", meters="api", rules=[{"rule": "M-1", "title": "Use", "severity": 1}]
    )


@pytest.fixture
def watch(db: None) -> Detector:
    """A detector that flags conduct and meters nothing."""
    rules = [
        {
            "rule": "W-1",
            "title": "Odd hours",
            "severity": 3,
            "version": "2",
            "text": "Hours are odd.",
            "conduct": "grading",
        }
    ]
    return register_detector(SYSTEM, slug="watch", name="Watch", rules=rules)
