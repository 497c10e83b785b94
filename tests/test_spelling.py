"""Text spelt out in ASCII."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.registry import objectives, optimizers, schedules
from gdtui.spelling import spelt_out

RECORDS = [*optimizers().values(), *objectives().values(), *schedules().values()]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("θ ← θ − ηg", "theta <- theta - eta g"), ("η ≥ 2/L", "eta >= 2/L"), ("x₁² × √2", "x1^2 x sqrt 2"),
        ("‖g‖ → 0…", "||g|| -> 0..."), ("Poljak, Зигель", "Poljak, ??????"), ("Weiß, Nørgaard", "Weiss, Norgaard"),
        ("½(ax² − by²) + ¼cy⁴", "1/2 (ax^2 - by^2) + 1/4 cy^4"), ("½ θᵀAθ", "1/2 theta^T A theta"),
        ("m̂/(1−β₁ᵗ), ŵ, H̃⁻¹g", "mhat/(1-beta1^t), what, Htilde^-1 g"), ("Muñoz", "Munoz"),
        ("√(u+ε)/√s", "sqrt(u+epsilon)/sqrt s"), ("2tβ₂ᵗ", "2t beta2^t"), ("βᵗ⁺¹", "beta^(t+1)"),
        ("θᵢ₊₁ uᵢᵀvⱼ", "theta_(i+1) u_i^T v_j"), ("η₀γ^⌊k/s⌋", "eta0 gamma^floor(k/s)"), ("η_min", "eta_min"),
        ("Δ δ Πμᵢ Σ", "Delta delta prod mu_i sum"), ("ρ∞ = ∞", "rho_inf = inf"), ("|λ| for λ", "|lambda| for lambda"),
    ],
)  # fmt: skip
def test_formulas_keep_their_meaning_and_names_their_letters(text: str, plain: str) -> None:
    assert spelt_out(text) == plain


@given(st.text())
def test_everything_is_ascii_and_what_is_ascii_stays(text: str) -> None:
    assert spelt_out(text).isascii()
    assert spelt_out(spelt_out(text)) == spelt_out(text)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_every_explanation_can_be_spelt_out(record: object) -> None:
    parameters = [p for field in ("hyperparameters", "options", "arguments") for p in getattr(record, field, ())]
    texts = [getattr(record, field, "") for field in ("title", "formula", "fixes", "fails", "reference")]
    for text in [*texts, *(parameter.meaning for parameter in parameters)]:
        assert spelt_out(text).isascii()
        assert "?" not in spelt_out(text) or "?" in text
