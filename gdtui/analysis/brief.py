"""A verdict in as many words as there is room for: the kind and the one number that matters, or more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gdtui.analysis.steady import rate_text
from gdtui.analysis.verdict import ZIG_ZAG, Evidence, Kind, Verdict

# The number that matters, by the names it has among the evidence, and how it is put after the kind.
_HEADLINES: Final[dict[Kind, tuple[tuple[str, str], ...]]] = {
    Kind.NOT_A_NUMBER: (("step", " from step {:,.0f} on"),),
    Kind.DIVERGED: (("step", " at step {:,.0f}"),),
    Kind.DIVERGING: (("loss now", ", loss {:.3g}"), ("predicted growth", " ×{:.5g}/step in the end")),
    Kind.AT_SADDLE: (("smallest eigenvalue", ", λ {:.3g}"),),
    Kind.OVERFITTING: (("its step", " since step {:,.0f}"),),
    Kind.LIMIT_CYCLE: (("period", " of {:,.3g} steps"), ("step length", ", steps of {:.3g}")),
    Kind.NOISE_FLOOR: (("level", " {:.3g}"),),
    Kind.OSCILLATING: (("amplitude", " ±{:.3g}"),),
    Kind.PLATEAU: (("level", " at {:.3g}"),),
    Kind.CRAWLING: (("times slower than the best", ", {:,.3g}× slower"),),
    Kind.RISING: (("rise in the window", " by {:.3g}"),),
    Kind.DESCENDING: (("fall in the window", " by {:.3g}"),),
}
_WORDS: Final = {Kind.TOO_LITTLE: "too early to tell"}
_LEAST: Final = {Kind.NOT_A_NUMBER: "NaN", Kind.DIVERGED: "div", Kind.CONVERGED: "done", Kind.TOO_LITTLE: "…"}


def brief(verdict: Verdict) -> str:
    """The kind and the one number that matters: ``converging 0.9941/step``."""
    return _brief(verdict)[0]


def forms(verdict: Verdict) -> Iterator[str]:
    """The verdict in ever fewer words: the sentence; the brief with what evidence there is; the kind; a word of it."""
    if verdict.kind is not Kind.TOO_LITTLE:
        yield verdict.sentence
    text, used = _brief(verdict)
    rest = [evidence.text for evidence in verdict.evidence if evidence is not used]
    told = 0 if verdict.kind is Kind.TOO_LITTLE else len(rest)
    for count in range(told, -1, -1):
        yield ", ".join([text, *rest[:count]])
    yield text.removesuffix("/step")
    yield _WORDS.get(verdict.kind, verdict.kind.value)
    yield _LEAST.get(verdict.kind, verdict.kind.value.split()[0][:4])


def _brief(verdict: Verdict) -> tuple[str, Evidence | None]:
    """The brief, and the evidence that is in it."""
    kind = _WORDS.get(verdict.kind, verdict.kind.value)
    known = {evidence.name: evidence for evidence in verdict.evidence}
    if ZIG_ZAG in known and verdict.kind is Kind.CONVERGING:
        return f"{ZIG_ZAG} {100.0 * known[ZIG_ZAG].value:.0f} %", known[ZIG_ZAG]
    if verdict.kind is Kind.CONVERGING and "rate" in known:
        return f"{kind} {rate_text(known['rate'].value)}/step", known["rate"]
    if verdict.kind is Kind.STALLED and verdict.evidence:
        first = verdict.evidence[0]
        return f"{kind}, {first.name.split(' below ')[0]} ÷ {first.value:,.3g}", first
    for name, template in _HEADLINES.get(verdict.kind, ()):
        if name in known:
            return kind + template.format(known[name].value), known[name]
    return kind, None
