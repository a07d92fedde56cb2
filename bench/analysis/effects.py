"""Main effects of levels and interactions of pairs of levels, from all combinations of a report at once.

The log of a combination's figure is taken to be the sum of one term for each of its levels that is not its axis'
baseline level and one for each two of them (treatment coding); what three and more do beyond that is taken to be
nothing. The terms are fitted within blocks to one number a trial: the location of its rounds' log ratios to the
baseline, outliers bounded, which is what the rows' ratios are means of. So a trial (one launch of one combination) is
the unit of independent error, and the residuals hold what launches and what rounds differ by.

A main effect is a level's own term and, for every other axis, the mean of its terms with that axis' levels, 0 for the
baseline level among them: the difference of two population marginal means (Searle, Speed & Milliken 1980, The American
Statistician 34). With two levels an axis it is twice the coefficient of effects (sum) coding. An interaction is a
pair's own term, the same at whatever levels the other axes are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from bench.analysis.effect_model import EffectModel, Term, departures, fit_terms, has_term, term_text, terms_of
from bench.analysis.effect_result import Effects, Interaction, MainEffect
from bench.analysis.policy import Policy
from bench.analysis.ratio import Estimate, LogRatios, as_ratio
from bench.analysis.result import Ratio, Verdict
from bench.analysis.verdict import verdicts
from bench.suite.model import Level

NAMED = 3
"""Terms that a reason names at most."""


def estimate_effects(
    levels: Mapping[str, Mapping[str, Level]], ratios: Mapping[str, LogRatios], margin: float, policy: Policy
) -> Effects | None:
    """Return the effects that a report's combinations tell of; None where they tell of no interaction.

    Verdicts are adjusted for the number of main effects, and for the number of interactions, each by themselves.

    Args:
        levels: combination to axis to level, the baseline first; those that could not be compared among them.
        ratios: log ratios to the baseline of every combination that can be compared with it.
        margin: relative difference that counts as none.
        policy: thresholds of verdicts.
    """
    baseline = next(iter(levels.values()))
    settings = {name: departures(each, baseline) for name, each in levels.items()}
    wanted = terms_of(baseline, settings.values())
    terms = tuple(term for term in wanted if any(has_term(settings[name], term) for name in ratios))
    if not any(len(term) == 2 for term in terms):
        return None
    model = fit_terms(terms, settings, ratios)
    obstacles = {term: _obstacle(term, model) for term in wanted if _worth_naming(term, terms)}
    identified = [term for term, obstacle in obstacles.items() if not obstacle]
    main: dict[Term, Estimate] = {term: model.estimate(_weights(term, model)) for term in identified if len(term) == 1}
    pairs: dict[Term, Estimate] = {term: model.estimate(_weights(term, model)) for term in identified if len(term) == 2}
    if not pairs:
        return None
    judged = {**_judged(main, margin, policy), **_judged(pairs, margin, policy)}
    return Effects(
        main=tuple(
            MainEffect(term[0][0], json.loads(term[0][1]), as_ratio(estimate, policy.confidence), judged[term])
            for term, estimate in main.items()
        ),
        interactions=tuple(
            _interaction(term, estimate, judged[term], model, policy.confidence) for term, estimate in pairs.items()
        ),
        left_out={term_text(term): obstacle for term, obstacle in obstacles.items() if obstacle},
        trials=model.fit.trials,
        degrees=model.fit.degrees,
    )


def _worth_naming(term: Term, terms: Sequence[Term]) -> bool:
    """Return whether a term is named where it is left out; a pair is not for a level that no combination has."""
    return len(term) == 1 or all((setting,) in terms for setting in term)


def _weights(term: Term, model: EffectModel) -> dict[Term, float]:
    """Return what a main effect, or an interaction, takes of the model's terms."""
    return model.averaged(term[0]) if len(term) == 1 else {term: 1.0}


def _obstacle(term: Term, model: EffectModel) -> str:
    """Return why nothing can be said of a term; "" where something can."""
    if term not in model.terms:
        return "in no combination that could be compared"
    aliased = [term_text(each) for each in model.aliased(_weights(term, model))]
    if not aliased:
        return ""
    more = [f"{len(aliased) - NAMED} more"] if len(aliased) > NAMED else []
    *most, last = [*aliased[:NAMED], *more]
    return f"the combinations that could be compared do not tell {', '.join(most)} and {last} apart"


def _judged(family: Mapping[Term, Estimate], margin: float, policy: Policy) -> dict[Term, Verdict]:
    named = {term_text(term): estimate for term, estimate in family.items()}
    judged = verdicts(named, margin, policy.alpha_difference, policy.alpha_equivalence)
    return {term: judged[term_text(term)] for term in family}


def _interaction(
    term: Term, estimate: Estimate, verdict: Verdict, model: EffectModel, confidence: float
) -> Interaction:
    """Return the interaction of a pair, beside what its levels do alone and together where that can be told."""
    first, second = term
    alone = {first[0]: model.averaged(first, besides=second[0]), second[0]: model.averaged(second, besides=first[0])}
    ratios: dict[str, Ratio] = {}
    both: Ratio | None = None
    if not any(model.aliased(weights) for weights in alone.values()):
        ratios = {axis: as_ratio(model.estimate(weights), confidence) for axis, weights in alone.items()}
        together = {**alone[first[0]], **alone[second[0]], term: 1.0}
        both = as_ratio(model.estimate(together), confidence)
    levels = {axis: json.loads(level) for axis, level in term}
    return Interaction(levels, ratios, both, as_ratio(estimate, confidence), verdict)
