"""Sentences from results: gettext templates, numbers in the client's locale.

Functions named ``..._answer`` and ``..._meaning`` return Markdown in which every value is
escaped; titles, captions, alternative texts, table cells, headlines and steps are plain text.
"""

from retention_lib.speech import Speech, escape
from retention_lib.words.clv.alive import alive_alt, alive_meaning, alive_title
from retention_lib.words.clv.answer import clv_answer, expectation_meaning
from retention_lib.words.clv.calibration import (
    calibration_alt,
    calibration_meaning,
    calibration_title,
    tracking_alt,
    tracking_meaning,
    tracking_title,
    tracking_total_alt,
    tracking_total_meaning,
    tracking_total_title,
)
from retention_lib.words.clv.customers_file import (
    COLUMNS,
    column_caption,
    column_rows,
    customers_file_meaning,
)
from retention_lib.words.clv.model import parameter_rows, parameters_caption, parameters_meaning
from retention_lib.words.clv.new_customers import (
    new_customers_alt,
    new_customers_meaning,
    new_customers_title,
)
from retention_lib.words.clv.past_forecasts import record_alt, record_meaning, record_title
from retention_lib.words.clv.race import choice_meaning, race_caption, race_rows
from retention_lib.words.clv.rolling import rolling_caption, rolling_meaning, rolling_rows
from retention_lib.words.clv.value import (
    at_risk_alt,
    at_risk_meaning,
    at_risk_title,
    value_distribution_alt,
    value_distribution_meaning,
    value_distribution_title,
    value_lorenz_alt,
    value_lorenz_meaning,
    value_lorenz_title,
)
from retention_lib.words.cycle_detection.calendar import (
    calendar_alt,
    calendar_title,
    rhythm_meaning,
    season_alt,
    season_meaning,
    season_title,
)
from retention_lib.words.cycle_detection.lapse import lapse_alt, lapse_meaning, lapse_title
from retention_lib.words.cycle_detection.return_curve import (
    cycle_answer,
    gaps_alt,
    gaps_meaning,
    gaps_title,
    return_curve_alt,
    return_curve_meaning,
    return_curve_title,
)
from retention_lib.words.cycle_detection.strata import (
    strata_alt,
    strata_meaning,
    strata_title,
    subscriptions_meaning,
)
from retention_lib.words.cycle_detection.window import window_meaning
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
from retention_lib.words.labels import state_names
from retention_lib.words.reasons import why_not
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
    "COLUMNS",
    "Speech",
    "alive_alt",
    "alive_meaning",
    "alive_title",
    "at_risk_alt",
    "at_risk_meaning",
    "at_risk_title",
    "audit_answer",
    "calendar_alt",
    "calendar_title",
    "calibration_alt",
    "calibration_meaning",
    "calibration_title",
    "change_line",
    "change_rows",
    "changes_caption",
    "changes_meaning",
    "check_name",
    "check_rows",
    "checks_caption",
    "checks_meaning",
    "choice_meaning",
    "clv_answer",
    "cohorts_alt",
    "cohorts_meaning",
    "cohorts_title",
    "column_caption",
    "column_rows",
    "contractual_meaning",
    "customers_file_meaning",
    "cycle_answer",
    "escape",
    "expectation_meaning",
    "figure_difference",
    "figure_name",
    "figure_value",
    "flow_alt",
    "flow_meaning",
    "flow_title",
    "gaps_alt",
    "gaps_meaning",
    "gaps_title",
    "growth_alt",
    "growth_meaning",
    "growth_title",
    "lapse_alt",
    "lapse_meaning",
    "lapse_title",
    "lost_caption",
    "lost_meaning",
    "lost_rows",
    "monthly_sales_alt",
    "monthly_sales_meaning",
    "monthly_sales_title",
    "new_customers_alt",
    "new_customers_meaning",
    "new_customers_title",
    "no_churn_meaning",
    "parameter_rows",
    "parameters_caption",
    "parameters_meaning",
    "parts_alt",
    "parts_meaning",
    "parts_title",
    "race_caption",
    "race_rows",
    "rates_alt",
    "rates_meaning",
    "rates_title",
    "record_alt",
    "record_meaning",
    "record_title",
    "retention_answer",
    "return_curve_alt",
    "return_curve_meaning",
    "return_curve_title",
    "revenue_meaning",
    "rhythm_meaning",
    "rolling_caption",
    "rolling_meaning",
    "rolling_rows",
    "row_counts",
    "rows_caption",
    "rows_meaning",
    "say",
    "season_alt",
    "season_meaning",
    "season_title",
    "second_purchase_alt",
    "second_purchase_meaning",
    "second_purchase_title",
    "state_names",
    "strata_alt",
    "strata_meaning",
    "strata_title",
    "subscriptions_meaning",
    "tracking_alt",
    "tracking_meaning",
    "tracking_title",
    "tracking_total_alt",
    "tracking_total_meaning",
    "tracking_total_title",
    "value_distribution_alt",
    "value_distribution_meaning",
    "value_distribution_title",
    "value_lorenz_alt",
    "value_lorenz_meaning",
    "value_lorenz_title",
    "verdict_meaning",
    "why_not",
    "window_meaning",
]
