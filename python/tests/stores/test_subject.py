"""Whom stores are asked about."""

from __future__ import annotations

from typing import Any

import pytest

from flask_jwt_extended_rs.stores import Subject


def test_a_manager_is_named() -> None:
    assert Subject("ada", manager="partner") != Subject("ada")
    # A second text could be taken for the issuer, or for a tenant.
    by_place: tuple[Any, ...] = ("ada", "partner")
    with pytest.raises(TypeError):
        Subject(*by_place)
