"""Sentences from results: gettext templates, numbers in the client's locale.

Functions named ``..._answer`` and ``..._meaning`` return Markdown in which every value is
escaped; titles, captions, alternative texts, table cells, headlines and steps are plain text.
"""

from retention_lib.speech import Speech, escape
from retention_lib.words.data_audit.checks import (
    audit_answer,
    check_name,
    check_rows,
    checks_caption,
    checks_meaning,
    monthly_sales_alt,
    monthly_sales_meaning,
    monthly_sales_title,
    row_counts,
    rows_caption,
    rows_meaning,
    verdict_meaning,
)
from retention_lib.words.display import say
from retention_lib.words.first_screen.lines import Headline, headlines
from retention_lib.words.reasons import why_not
from retention_lib.words.recommendations.actions import action_line, next_steps
from retention_lib.words.recommendations.answer import (
    actions_meaning,
    claim_rows,
    claims_caption,
    claims_meaning,
    lorenz_alt,
    lorenz_meaning,
    lorenz_title,
    recommendations_answer,
    segment_rows,
    segments_alt,
    segments_caption,
    segments_meaning,
    segments_title,
    state_names,
    states_meaning,
)
from retention_lib.words.retention_rate.changes import (
    change_line,
    change_rows,
    changes_caption,
    changes_meaning,
    figure_difference,
    figure_name,
    figure_value,
)
from retention_lib.words.retention_rate.cohorts import (
    cohorts_alt,
    cohorts_meaning,
    cohorts_title,
    second_purchase_alt,
    second_purchase_meaning,
    second_purchase_title,
)
from retention_lib.words.retention_rate.growth import growth_alt, growth_meaning, growth_title
from retention_lib.words.retention_rate.lost import (
    contractual_meaning,
    lost_caption,
    lost_meaning,
    lost_rows,
)
from retention_lib.words.retention_rate.no_churn import no_churn_meaning
from retention_lib.words.retention_rate.parts import parts_alt, parts_meaning, parts_title
from retention_lib.words.retention_rate.rates import (
    flow_alt,
    flow_meaning,
    flow_title,
    rates_alt,
    rates_meaning,
    rates_title,
    retention_answer,
)
from retention_lib.words.retention_rate.revenue import revenue_meaning

__all__ = [
    "Headline",
    "Speech",
    "action_line",
    "actions_meaning",
    "audit_answer",
    "change_line",
    "change_rows",
    "changes_caption",
    "changes_meaning",
    "check_name",
    "check_rows",
    "checks_caption",
    "checks_meaning",
    "claim_rows",
    "claims_caption",
    "claims_meaning",
    "cohorts_alt",
    "cohorts_meaning",
    "cohorts_title",
    "contractual_meaning",
    "escape",
    "figure_difference",
    "figure_name",
    "figure_value",
    "flow_alt",
    "flow_meaning",
    "flow_title",
    "growth_alt",
    "growth_meaning",
    "growth_title",
    "headlines",
    "lorenz_alt",
    "lorenz_meaning",
    "lorenz_title",
    "lost_caption",
    "lost_meaning",
    "lost_rows",
    "monthly_sales_alt",
    "monthly_sales_meaning",
    "monthly_sales_title",
    "next_steps",
    "no_churn_meaning",
    "parts_alt",
    "parts_meaning",
    "parts_title",
    "rates_alt",
    "rates_meaning",
    "rates_title",
    "recommendations_answer",
    "retention_answer",
    "revenue_meaning",
    "row_counts",
    "rows_caption",
    "rows_meaning",
    "say",
    "second_purchase_alt",
    "second_purchase_meaning",
    "second_purchase_title",
    "segment_rows",
    "segments_alt",
    "segments_caption",
    "segments_meaning",
    "segments_title",
    "state_names",
    "states_meaning",
    "verdict_meaning",
    "why_not",
]
