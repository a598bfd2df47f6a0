"""Hand-made results and frames: CDNOW's true figures, and a client about whom nothing is known."""

from __future__ import annotations

from datetime import date
from math import exp
from typing import Any, get_args

import numpy as np
import pandas as pd

from retention_lib.clv.findings import findings, past_forecasts
from retention_lib.cycle_detection import findings as cycle_findings
from retention_lib.cycle_detection import lapse
from retention_lib.recommendations.first_screen import Answered, lines
from retention_lib.results import (
    Action,
    Ahead,
    Audit,
    Centre,
    Change,
    ChartPeriod,
    Check,
    Choice,
    Claim,
    Clocks,
    Clv,
    Concentration,
    Contractual,
    ControlTotal,
    Cycle,
    Doubt,
    FileLines,
    ForecastName,
    GammaGamma,
    Growth,
    GrowthPeriod,
    Holdout,
    LapseTest,
    Ledger,
    Lost,
    MonthFactor,
    NewCustomerValue,
    NextPurchases,
    NoChurn,
    OneCycle,
    Outcomes,
    PastForecast,
    Period,
    Pinned,
    Previous,
    PriceDrift,
    PublishedForecast,
    PurchaseSteps,
    Question,
    RatePart,
    Recommendations,
    Results,
    Retention,
    RevenueFlow,
    RevenueParts,
    Rhythm,
    Score,
    Section,
    Segment,
    Spread,
    StateValue,
    Status,
    Stratum,
    SubscriberValue,
    Subscriptions,
    Touched,
    Trend,
    Verdict,
    Window,
    Year,
    null_pointers,
    why,
)
from retention_lib.retention_rate.answer import findings as retention_findings
from retention_lib.retention_rate.growth import accounted

REASON = why("not_in_these_records")
WHY = "The records do not give this figure."


def section(kind: type[Section], **figures: Any) -> Any:
    """Make a section in which every null is given the same reason."""
    plain = kind.model_construct(**figures).model_dump(mode="json", exclude={"why_not"})
    return kind(**figures, why_not=dict.fromkeys(null_pointers(plain), REASON))


def changed(made: Section, **figures: Any) -> Any:
    """Return a section with some figures changed, and what they then say."""
    if isinstance(made, Retention):
        return rechanged(made, **figures)
    kept = {name: getattr(made, name) for name in type(made).model_fields if name != "why_not"}
    if isinstance(made, Clv):
        return valued(**(kept | figures))
    if isinstance(made, Cycle):
        figures = cycle_findings(Cycle.model_construct(**(kept | figures))) | figures
    return section(type(made), **(kept | figures))


def valued(**figures: Any) -> Clv:
    """Return a value with the findings that its figures amount to."""
    return section(Clv, **(figures | findings(figures)))  # type: ignore[no-any-return]


def audit() -> Audit:
    checks = [
        Check(
            name="duplicate_lines",
            rows=255,
            rows_read=255,
            customers=211,
            money=4_000.5,
            action="kept",
            rate_without=0.552,
            revenue_without=2_496_315.0,
        ),
        Check(
            name="zero_amounts",
            rows=80,
            rows_read=80,
            customers=79,
            money=0.0,
            action="kept",
            rate_without=0.551,
            revenue_without=2_500_315.63,
        ),
        Check(
            name="acquisition_stops",
            rows=0,
            rows_read=0,
            customers=None,
            money=None,
            action="counted",
            rate_without=None,
            revenue_without=None,
        ),
    ]
    return section(
        Audit,
        rows_in=69_659,
        retained_rate=0.552,
        rows_kept=69_659,
        set_aside={},
        purchase_steps=PurchaseSteps(returns=0, same_order=0, same_day=2_068, undone=0, near=0),
        customers=23_570,
        occasions=67_591,
        repeat_buyers=11_516,
        zero_occasions=80,
        first_date=date(1997, 1, 1),
        last_date=date(1998, 6, 30),
        last_first_purchase=date(1997, 3, 25),
        closed_group=True,
        needed_repeat_buyers=30,
        verdict=Verdict(retention="fit with care", clv="fit", forecast="fit"),
        reasons={"retention": ["acquisition_stops"], "clv": []},
        touches={"acquisition_stops": ["new_customers", "clv"]},
        breaks=[],
        closures=None,
        questions=[],
        checks=checks,
        **books(),
    )


def books() -> dict[str, Any]:
    """Return what a bookkeeper would compare, as CDNOW has it; it has neither orders nor statuses."""
    years = [(1997, 1_920_453.5, 56_098, 23_570), (1998, 579_862.12, 11_493, 5_634)]
    return {
        "orders": None,
        "revenue": 2_500_315.63,
        "unassigned_revenue": 0.0,
        "unassigned_share": 0.0,
        "unassigned_rows": 0,
        "refunds": 0.0,
        "years": [
            Year(
                year=year,
                revenue=revenue,
                unassigned_revenue=0.0,
                orders=None,
                unassigned_orders=None,
                occasions=occasions,
                customers=customers,
            )
            for year, revenue, occasions, customers in years
        ],
        "statuses": [],
        "files": [
            FileLines(
                name="input/sales.txt",
                lines=69_660,
                above=1,
                rows=69_659,
                continued=0,
                blank=0,
                same_as=None,
            )
        ],
        "doubts": [],
        "control": [],
        "control_tax": None,
        "ahead": None,
    }


def shop_audit() -> Audit:
    """A shop whose records have all that an audit may find."""
    file = FileLines(
        name="b.csv", lines=None, above=0, rows=0, continued=0, blank=0, same_as="a.csv"
    )
    known = dict(zip(("above", "rows", "continued", "blank"), (3, 90, 4, 3), strict=True))
    return changed(  # type: ignore[no-any-return]
        audit(),
        orders=80,
        refunds=120.5,
        unassigned_revenue=1_234.56,
        files=[FileLines(name="a.csv", lines=100, same_as=None, **known), file],
        statuses=[
            Status(status="paid", means="sale", rows=70, money=900.0),
            Status(status="", means="sale", rows=10, money=90.0),
            Status(status="void", means="cancelled", rows=6, money=60.0),
            Status(status="on hold", means=None, rows=4, money=None),
        ],
        doubts=[
            Doubt(
                code="currency",
                column="Waluta",
                rows=90,
                line="columns: {currency: Waluta}",
                values=["EUR", "PLN"],
            ),
            Doubt(code="test", column="Test?", rows=2, line=None, values=["yes"]),
        ],
        control=[
            ControlTotal(
                what="revenue",
                period="2024",
                given=1_000.0,
                read=900.0,
                difference=-100.0,
                share=-0.1,
                meets=False,
            ),
            ControlTotal(
                what="customers",
                period="all",
                given=10.0,
                read=10.0,
                difference=0.0,
                share=0.0,
                meets=True,
            ),
            ControlTotal(
                what="orders",
                period="2024-03",
                given=7.0,
                read=None,
                difference=None,
                share=None,
                meets=False,
            ),
        ],
        ahead=Ahead(rows=6, first=date(2026, 3, 1), last=date(2026, 5, 1), ends=date(2025, 12, 29)),
        verdict=Verdict(retention="fit with care", clv="fit with care", forecast="fit with care"),
        reasons={
            "retention": ["dated_ahead", "doubts", "control"],
            "clv": ["dated_ahead", "doubts", "control"],
        },
        touches={"dated_ahead": list(get_args(Touched)), "doubts": ["revenue", "clv"]},
        questions=[
            Question(
                name="missing_customer_id",
                rows=1_200,
                money=1_234.56,
                start=None,
                listed=1_000,
                touches=["revenue", "clv"],
            ),
            Question(
                name="control", rows=None, money=100.0, start=None, listed=3, touches=["revenue"]
            ),
            Question(name="doubts", rows=90, money=None, start=None, listed=0, touches=[]),
        ],
    )


def _cycle_with(**figures: Any) -> Cycle:
    """Make a result of notebook 02 with what its figures say."""
    return section(Cycle, **figures, **cycle_findings(Cycle.model_construct(**figures)))


def cycle() -> Cycle:
    return _cycle_with(
        history_days=546,
        starts_mid_life=False,
        cycle_days=65,
        settled=False,
        cycle_lower=65,
        cycle_upper=None,
        cycle_ci95=(63.0, 67.0),
        bounds_low=63.0,
        bounds_high=None,
        tau_days=543,
        q75_days=177,
        q75_ci95=(173.0, 181.0),
        not_back_share=0.507,
        not_back_ci95=(0.50, 0.514),
        naive_median_gap_days=34.0,
        pooled_median_days=38,
        regularity_k_raw=0.93,
        regularity_k=0.90,
        regularity_ci95=(0.87, 0.92),
        rhythm=rhythms(),
        season_strength=None,
        season_chance=None,
        year_earlier=None,
        strata=strata(),
        subscriptions=Subscriptions(
            customers=40,
            customer_share=40 / 23_570,
            occasion_share=0.004,
            periods={"month": 30, "quarter": 10},
            reported=False,
        ),
        window=Window(length=7, unit="month", days=212),
        chart_period="quarter",
        lapse_days=203,
        lapse_ci95=(189.0, 217.0),
        lapse_tried=Period(start=date(1998, 2, 21), end=date(1998, 6, 30)),
        lapse_race=lapse_race(),
        lapse_left_out={},
        lapse_rule="silence",
        gate="two_windows",
        gate_lifts_on=date(1998, 9, 28),
        pinned=None,
    )


def rhythms() -> list[Rhythm]:
    """A week that is clearly there, a month that is not, nothing longer tested."""
    return [
        Rhythm(period="week", customers=23_570, z=210.0, p_value=0.0, swing=0.19, found=True),
        Rhythm(period="fortnight", customers=23_570, z=0.4, p_value=1.0, swing=0.01, found=False),
        Rhythm(period="month", customers=23_570, z=3.1, p_value=0.18, swing=0.02, found=False),
    ]


def strata() -> list[Stratum]:
    """Three orders and two channels."""
    made = (
        ("order", "1", 23_570, 23_570, 82, (79.0, 85.0), 0.51),
        ("order", "2", 11_600, 11_600, 60, (57.0, 63.0), 0.33),
        ("order", "3+", 7_300, 34_000, 44, (43.0, 46.0), 0.12),
        ("channel", "newsletter", 14_000, 41_000, 52, (50.0, 55.0), 0.42),
        ("channel", "social media", 9_570, 21_000, 91, (84.0, 97.0), 0.64),
    )
    return [
        Stratum(
            kind=kind,  # type: ignore[arg-type]
            name=name,
            customers=customers,
            spells=spells,
            cycle_days=days,
            cycle_ci95=ends,
            not_back_share=rest,
        )
        for kind, name, customers, spells, days, ends, rest in made
    ]


def lapse_race() -> list[LapseTest]:
    """The rules of notebook 02 as they did on CDNOW, but for MBG/NBD, which won by a hair."""
    made = (
        ("silence", 203.0, 17_189, 0.0848, 0.8253, True),
        ("two_cycles", 130.0, 18_592, 0.1027, 0.8752, True),
        ("p_alive_mbg", 0.5, 17_316, 0.0912, 0.8246, True),
        ("p_alive_pareto", 0.5, 16_573, 0.0821, 0.7981, True),
        ("p_buys", 0.1, 15_240, 0.0665, 0.7464, True),
        ("p_alive_bg", 0.5, 4_016, 0.1890, 0.1709, False),
    )
    tests = [
        LapseTest(
            rule=rule,  # type: ignore[arg-type]
            limit=limit,
            called=called,
            false_lost=wrong,
            caught=caught,
            allowed=allowed,
            passes=allowed and wrong <= 0.10,
            rank=1,
        )
        for rule, limit, called, wrong, caught, allowed in made
    ]
    return lapse.ranked(tests)


def pinned() -> Pinned:
    """A yardstick of an earlier year, which the fresh estimate no longer holds."""
    return Pinned(
        cycle_days=38,
        window=Window(length=4, unit="month", days=122),
        lapse_days=120,
        since=date(1997, 6, 30),
        why="First published run.",
        by_hand=False,
        rebase=True,
    )


def found(of: Cycle | None = None, **figures: Any) -> Retention:
    """Make a result of notebook 03 with what its figures say; by a cycle of ``trend`` unless given."""
    of = of or changed(cycle(), gate="trend")
    plain = Retention.model_construct(**(dict.fromkeys(Retention.model_fields) | figures))
    return section(Retention, **(retention_findings(plain, of) | figures))


def rechanged(made: Retention, of: Cycle | None = None, **figures: Any) -> Retention:
    """Return a result of notebook 03 with some figures changed, and what they then say."""
    said = {"why_not", *retention_findings(made, cycle())}
    kept = {name: getattr(made, name) for name in Retention.model_fields if name not in said}
    return found(of, **(kept | figures))


def retention() -> Retention:
    return found(
        prior=Period(start=date(1997, 5, 1), end=date(1997, 11, 30)),
        window=Period(start=date(1997, 12, 1), end=date(1998, 6, 30)),
        start_customers=7_405,
        new_customers=0,
        end_customers=5_994,
        retained_customers=4_088,
        resurrected_customers=1_906,
        lost_customers=3_317,
        returning_customers=7_405,
        first_time_customers=0,
        formula_rate=0.809,
        retained_rate=0.552,
        retained_ci95=(0.541, 0.563),
        returning_rate=0.552,
        returning_ci95=(0.541, 0.563),
        first_time_rate=None,
        first_time_ci95=None,
        second_purchase_rate=0.41,
        second_purchase_ci95=(0.404, 0.416),
        second_purchase_customers=23_570,
        second_purchase_years=[],
        second_purchase_clearly="unclear",
        mix_effect=None,
        rate_effect=None,
        no_churn_expectation=None,
        no_churn=None,
        quick_ratio=0.575,
        quick_ratio_ci95=(0.54, 0.61),
        growth=None,
        cohorts=[],
        gross_revenue_retention=None,
        gross_revenue_ci95=None,
        net_revenue_retention=None,
        net_revenue_ci95=None,
        revenue_quick_ratio=None,
        revenue=None,
        repeat_revenue_share=0.664,
        unassigned_revenue_share=0.0,
        parts=[],
        parts_compared=0,
        contractual=[],
        lost=None,
        previous=None,
    )


def full_retention() -> Retention:
    """A client about whom notebook 03 can say everything; made up, but consistent."""
    return found(
        prior=Period(start=date(2024, 5, 1), end=date(2024, 8, 31)),
        window=Period(start=date(2024, 9, 1), end=date(2024, 12, 31)),
        start_customers=2_221,
        new_customers=1_063,
        end_customers=2_725,
        retained_customers=1_237,
        resurrected_customers=425,
        lost_customers=984,
        returning_customers=1_502,
        first_time_customers=719,
        formula_rate=0.748,
        retained_rate=0.557,
        retained_ci95=(0.536, 0.577),
        returning_rate=0.589,
        returning_ci95=(0.564, 0.614),
        first_time_rate=0.490,
        first_time_ci95=(0.453, 0.526),
        second_purchase_rate=0.623,
        second_purchase_ci95=(0.612, 0.635),
        second_purchase_customers=7_053,
        second_purchase_years=[],
        second_purchase_clearly="unclear",
        mix_effect=-0.004,
        rate_effect=0.021,
        no_churn_expectation=0.842,
        no_churn=NoChurn(
            model="MBG/NBD",
            expectation=0.842,
            returning=0.861,
            first_time=0.803,
            lowest=0.79,
            highest=0.85,
            by_model={"MBG/NBD": 0.842, "NBD": 0.79, "BG/NBD": 0.85},
            left_out={},
            season=True,
            window_pace=1.18,
        ),
        quick_ratio=1.512,
        quick_ratio_ci95=(1.42, 1.61),
        growth=growth(),
        cohorts=[],
        gross_revenue_retention=0.44,
        gross_revenue_ci95=(0.42, 0.46),
        net_revenue_retention=0.71,
        net_revenue_ci95=(0.67, 0.76),
        revenue_quick_ratio=1.3,
        revenue=RevenueFlow(
            before=100_000.0,
            kept=44_000.0,
            expansion=27_000.0,
            contraction=16_000.0,
            lost=40_000.0,
            new=31_000.0,
            resurrected=14_800.0,
            shares=RevenueParts(
                kept=0.44, expansion=0.27, contraction=0.16, lost=0.40, new=0.31, resurrected=0.148
            ),
            same_customers="below",
            change=16_800.0,
        ),
        repeat_revenue_share=0.790,
        unassigned_revenue_share=0.016,
        parts=parts(),
        parts_compared=12,
        contractual=[
            Contractual(
                period="month",
                customers=328,
                active=140,
                charges=2_100,
                ended=150,
                churn_rate=0.0714,
                churn_ci95=(0.061, 0.083),
                recent_charges=900,
                recent_rate=0.068,
                recent_ci95=(0.053, 0.086),
                earlier_charges=1_200,
                earlier_rate=0.074,
                earlier_ci95=(0.061, 0.090),
                recent_clearly="unclear",
                alpha=1.2,
                beta=15.5,
                projection=[0.93, 0.87, 0.81, 0.76, 0.72, 0.68, 0.64, 0.61, 0.58, 0.55, 0.53, 0.50],
            )
        ],
        lost=Lost(customers=10, spend=4_200.0, share=0.105),
        previous=previous(),
    )


def growth(unit: ChartPeriod = "quarter", outpaced: bool = True) -> Growth:
    """Nine quarters of a shop; in the last three more customers were lost than came."""
    rows = [
        (900, 900, 0, 0, None),
        (1_150, 620, 530, 0, 370),
        (1_290, 560, 640, 90, 510),
        (1_420, 540, 720, 160, 570),
        (1_500, 500, 790, 210, 630),
        (1_570, 480, 860, 230, 640),
        (1_480, 390, 850, 240, 720),
        (1_400, 350, 810, 240, 670),
        (1_310, 310, 770, 230, 630),
    ]
    starts = pd.period_range("2022Q4", periods=len(rows), freq="Q")
    periods = [
        GrowthPeriod(
            start=start.start_time.date(),
            end=start.end_time.date(),
            active=active,
            new=new,
            retained=retained,
            resurrected=back,
            lost=lost,
            quick_ratio=None if lost is None else (new + back) / lost,
        )
        for start, (active, new, retained, back, lost) in zip(starts, rows, strict=True)
    ]
    return accounted(unit, periods if outpaced else periods[:-3])


def parts() -> list[RatePart]:
    """Channels of which one keeps better and one worse than the others, and first products."""
    rows: list[tuple[Any, ...]] = [
        ("channel", "newsletter", 412, 260, (0.584, 0.677), "above", 1_240, 0.70, "unclear"),
        ("channel", "strona www", 980, 540, (0.520, 0.582), "unclear", 3_100, 0.63, "unclear"),
        (
            "channel",
            "media społecznościowe",
            510,
            230,
            (0.408, 0.494),
            "below",
            1_700,
            0.52,
            "unclear",
        ),
        ("product", "Herbata czarna", 1_300, 741, (0.543, 0.597), "unclear", 4_000, 0.64, "above"),
        ("product", "Zestaw prezentowy", 160, 66, (0.339, 0.490), "below", 720, 0.41, "below"),
        ("product", "Imbryk", 6, 3, (0.188, 0.812), "unclear", 9, 0.44, "unclear"),
    ]
    return [
        RatePart(
            kind=kind,
            name=name,
            start_customers=start,
            retained_customers=kept,
            retained_rate=kept / start,
            retained_ci95=ci95,
            clearly=clearly,
            second_customers=seen,
            second_rate=second,
            second_ci95=(second - 0.02, second + 0.02),
            second_clearly=second_clearly,
        )
        for kind, name, start, kept, ci95, clearly, seen, second, second_clearly in rows
    ]


def previous(same_window: bool = True) -> Previous:
    """A quarter earlier, since when some orders of the past were cancelled."""
    rows: list[tuple[Any, ...]] = [
        ("returning_rate", 0.580, 0.571, 0.589),
        ("retained_rate", 0.548, 0.540, 0.557),
        ("first_time_rate", 0.470, 0.468, 0.490),
        ("second_purchase_rate", 0.621, 0.620, 0.623),
        ("quick_ratio", 0.95, 0.93, 1.512),
        ("start_customers", 2_480, 2_470, 2_221),
        ("end_customers", 2_230, 2_221, 2_725),
        ("new_customers", 719, 719, 1_063),
        ("lost_customers", 1_121, 1_136, 984),
        ("customers", 7_060, 7_053, 8_116),
    ]
    changes = [
        Change(
            name=name,
            reported=reported if same_window else None,
            recomputed=recomputed,
            now=now,
            revision=recomputed - reported if same_window else None,
            news=now - recomputed,
        )
        for name, reported, recomputed, now in rows
    ]
    return Previous(
        run="2024-09-30-0123456789ab",
        as_of=date(2024, 9, 30),
        same_window=same_window,
        changes=changes,
        returning_difference_ci95=(-0.016, 0.052),
        returning_clearly="unclear",
        revised=same_window,
        other_season=False,
    )


def forecasts() -> list[tuple[Any, float, float, float]]:
    """Name, predicted occasions, deviance, standard error of its difference from BG/NBD."""
    return [
        ("BG/NBD", 12_400.0, 1.231, 0.0),
        ("MBG/NBD", 12_200.0, 1.229, 0.0015),
        ("Pareto/NBD", 13_800.0, 1.224, 0.0035),
        ("own", 16_900.0, 2.084, 0.026),
        ("cohort", 17_900.0, 2.183, 0.046),
        ("last window", 17_900.0, 1.845, 0.022),
    ]


def score(name: Any, predicted: float, deviance: float, difference_se: float | None) -> Score:
    """How a forecast of the 13,959 purchases of the holdout did."""
    return Score(
        name=name,
        predicted=predicted,
        actual=13_959,
        bias=round(predicted / 13_959 - 1, 3),
        rmse=1.4,
        mae=0.7,
        deviance=deviance,
        difference_se=difference_se,
    )


def rule_clv() -> Clv:
    """A client on whom no model of buying could be fitted: the last window won, far off."""
    failed = {
        name: why("nobody_leaves", model=name).model_dump()
        for name in ("BG/NBD", "MBG/NBD", "Pareto/NBD")
    }
    raced = [score(name, n, deviance, None) for name, n, deviance, _ in forecasts()[3:]]
    held = clv().holdout
    assert held is not None
    figures = {"models": raced, "left_out": failed, "chosen": "last window", "reason": "left out"}
    return changed(  # type: ignore[no-any-return]
        clv(),
        model="last window",
        choice=Choice(by="record", races=1, days=365, chosen="last window", reason="left out"),
        params=None,
        standard_errors=None,
        log_likelihood=None,
        mean_p_alive=None,
        holdout=Holdout.model_validate(held.model_dump() | figures | {"passes": False}),
    )


def clv() -> Clv:
    held = Holdout(
        start=date(1997, 12, 1),
        end=date(1998, 6, 30),
        customers=23_570,
        models=[score(*one) for one in forecasts()],
        left_out={},
        chosen="BG/NBD",
        passes=True,
        reason="none better",
    )
    return valued(
        model="BG/NBD",
        left_out={},
        time_unit="week",
        params={"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259},
        standard_errors={"r": 0.0126, "alpha": 0.378, "a": 0.186, "b": 0.705},
        log_likelihood=-9_582.43,
        gamma_gamma=GammaGamma(
            p=6.25,
            q=3.744,
            v=15.44,
            standard_errors={"p": 1.19, "q": 0.413, "v": 2.66},
            log_likelihood=-4055.9,
            customers=946,
            correlation=0.11,
            power=0.04,
            power_ci95=(0.01, 0.07),
        ),
        clocks=clocks(),
        centre=Centre(
            shift=0.05 * 0.4,
            factor=exp(0.05 * 0.4),
            mean=0.05,
            kept=0.4,
            forecasts=3,
            windows=2,
        ),
        ledger=ledger(),
        wanted_months=12,
        expected_revenue=850_400.0,
        expected_revenue_ci95=(660_000.0, 1_096_000.0),
        price_drift=PriceDrift(per_year=0.03, ci95=(0.01, 0.05), used=True),
        next_purchases=NextPurchases(customers=9_300, expected=0.31, actual=0.29),
        choice=Choice(by="record", races=1, days=365, chosen="BG/NBD", reason="none better"),
        holdout=held,
        basis="revenue",
        discount_rate=0.10,
        horizon_months=12,
        tested_days=365,
        rolling=[earlier_race()],
        past_forecasts=past_forecasts(
            273,
            [
                PastForecast(
                    origin=date(1997, 6, 30),
                    end=date(1998, 3, 30),
                    customers=23_570,
                    predicted=18_400.2,
                    moved=18_400.2,
                    alike=True,
                    actual=17_120,
                    own_ci95=(17_800.0, 19_000.0),
                    ci95=(13_700.0, 24_700.0),
                ),
                PastForecast(
                    origin=date(1997, 9, 30),
                    end=date(1998, 6, 30),
                    customers=23_570,
                    predicted=16_530.7,
                    moved=16_200.4,
                    alike=True,
                    actual=18_820,
                    own_ci95=(16_000.0, 17_100.0),
                    ci95=(12_600.0, 21_700.0),
                ),
            ],
            {"1997-03-31": why("not_converged", model="BG/NBD")},
        ),
        coverage=1.0,
        expected_purchases=17_000.4,
        expected_purchases_ci95=(13_200.0, 21_900.0),
        expected_purchases_own_ci95=(16_500.0, 17_500.0),
        total_clv=812_345.6,
        total_clv_ci95=(628_000.0, 1_051_000.0),
        total_clv_own_ci95=(780_000.0, 846_000.0),
        spread=Spread(
            purchases=0.015,
            value=0.021,
            below=0.1,
            above=0.08,
            error=exp(0.1) - 1,
            forecasts=2,
            factor=2.4469,
        ),
        mean_p_alive=0.81,
        p_alive_beside={"MBG/NBD": 0.45},
        top20_share=0.71,
        median_clv=9.4,
        mean_clv=812_345.6 / 23_570,
        at_risk_days=203,
        value_at_risk=301_200.0,
        states=[
            StateValue(state="new", customers=0, value=0.0, at_risk=0.0),
            StateValue(state="active", customers=4_000, value=500_000.0, at_risk=90_000.0),
            StateValue(state="slipping", customers=600, value=40_000.0, at_risk=16_000.0),
            StateValue(state="lapsed", customers=18_970, value=272_345.6, at_risk=195_200.0),
        ],
        subscribers=[],
        new_customer_value=None,
    )


def clocks() -> Clocks:
    """What a calendar with a strong December and a slow decline does."""
    factors = (0.95, 1.0, 0.95, 0.95, 0.9, 0.8, 0.75, 0.8, 1.0, 1.1, 1.35, 1.45)
    return Clocks(
        years=3.0,
        season=[
            MonthFactor(month=month, factor=factor, ci95=(0.97 * factor, 1.03 * factor))
            for month, factor in enumerate(factors, start=1)
        ],
        season_is="known",
        pace=Trend(per_year=0.01, ci95=(-0.02, 0.04), present=False),
        stay=Trend(per_year=-0.05, ci95=(-0.06, -0.04), present=True),
        stay_then=0.86,
        stay_now=0.74,
    )


def ledger() -> Ledger:
    """Two published forecasts: one is due, and came true."""
    years = (
        {"day": date(1997, 3, 31), "due": date(1997, 12, 29)},
        {
            "day": date(1997, 12, 31),
            "due": date(1998, 9, 29),
        },
    )
    figures = {"model": "BG/NBD", "purchases": 18_100.0, "ci95": (13_900.0, 23_600.0)}
    return Ledger(
        due=1,
        inside=1,
        forecasts=[
            PublishedForecast.model_validate(
                {**days, **figures, "actual": actual, "revised": False}
            )
            for days, actual in zip(years, (17_400, None), strict=True)
        ],
        unjudged=0,
        notes=[],
    )


def earlier_race() -> Holdout:
    """Return a race like that of :func:`clv` half a year before it, which Pareto/NBD won."""
    names: tuple[ForecastName, ...] = ("BG/NBD", "MBG/NBD", "Pareto/NBD", "last window")
    scores = [
        Score(
            name=name,
            predicted=13_000.0 + 500 * at,
            actual=15_020,
            bias=(13_000.0 + 500 * at) / 15_020 - 1,
            rmse=1.4,
            mae=0.7,
            deviance=deviance,
            difference_se=0.001,
        )
        for at, (name, deviance) in enumerate(zip(names, (1.30, 1.29, 1.27, 1.9), strict=True))
    ]
    return Holdout(
        start=date(1997, 6, 1),
        end=date(1997, 12, 31),
        customers=23_570,
        models=scores,
        left_out={},
        chosen="Pareto/NBD",
        passes=True,
        reason="clearly better",
    )


def subscribed() -> Clv:
    """Return :func:`clv` of a client who has subscribers, and new customers of several kinds."""
    return changed(
        clv(),
        subscribers=[
            SubscriberValue(
                period="month", customers=212, expected_purchases=2_010.0, value=50_100.0
            )
        ],
        new_customer_value=new_customers(),
    )


def new_customers() -> list[NewCustomerValue]:
    kinds: list[tuple[Any, str, int, float, Any]] = [
        ("all", "", 6_900, 82.0, "not clearly"),
        ("cohort", "2023", 2_300, 79.0, "not clearly"),
        ("cohort", "2024", 2_400, 71.0, "below"),
        ("channel", "newsletter", 900, 118.0, "above"),
        ("channel", "social media", 1_200, 48.0, "below"),
        ("product", "Zestaw <b>prezentowy</b>", 310, 39.0, "below"),
    ]
    return [
        NewCustomerValue(
            kind=kind,
            name=name,
            customers=customers,
            purchases=value / 20,
            purchases_ci95=(value / 24, value / 16),
            first_value=18.5,
            value=value,
            value_ci95=(0.8 * value, 1.25 * value),
            compared=compared,
            place=compared != "not clearly",
        )
        for kind, name, customers, value, compared in kinds
    ]


def recommendations() -> Recommendations:
    segments = [
        Segment(
            name="active",
            customers=4_000,
            share=0.17,
            spend_share=0.42,
            expected_purchases=9_000.0,
            expected_value=500_000.0,
        ),
        Segment(
            name="slipping",
            customers=600,
            share=0.025,
            spend_share=0.06,
            expected_purchases=900.0,
            expected_value=40_000.0,
        ),
        Segment(
            name="lapsed",
            customers=18_970,
            share=0.805,
            spend_share=0.52,
            expected_purchases=7_000.0,
            expected_value=272_345.6,
        ),
    ]
    claims = [
        Claim(
            name="repeat_revenue",
            figure=0.664,
            ci95=(0.66, 0.668),
            verdict="holds",
            needs="",
        ),
        Claim(
            name="pareto",
            figure=0.68,
            ci95=None,
            verdict="does not hold",
            needs="",
        ),
        Claim(
            name="channels",
            figure=None,
            ci95=None,
            verdict="cannot be tested",
            needs="channels",
        ),
    ]
    actions = [
        Action(
            name="protect_top", segment="active", customers=4_000, money=500_000.0, certainty="open"
        ),
        Action(
            name="keep_lapsed_automatic",
            segment="lapsed",
            customers=18_970,
            money=272_345.6,
            certainty="open",
        ),
        Action(
            name="win_back_slipping",
            segment="slipping",
            customers=600,
            money=40_000.0,
            certainty="open",
        ),
        Action(name="collect_data", segment=None, customers=23_570, money=None, certainty="firm"),
    ]
    return section(
        Recommendations,
        concentration=Concentration(
            hhi=0.0002,
            effective_customers=5_400.0,
            gini=0.66,
            top20_share=0.68,
            top1_share=0.0056,
            top5_share=0.013,
            top10_share=0.02,
        ),
        repeat_revenue_share=0.664,
        established_revenue_share=None,
        claims=claims,
        segments=segments,
        actions=actions,
        lines=[],
    )


def customers_by_state() -> pd.DataFrame:
    rows = [segment.model_dump() for segment in recommendations().segments]
    return pd.DataFrame(rows).rename(columns={"name": "state"})


def results(**sections: Section) -> Results:
    """Return all sections, with the lines of the first screen that these make."""
    made: dict[str, Any] = {
        "audit": audit(),
        "cycle": cycle(),
        "retention": retention(),
        "clv": clv(),
        "recommendations": recommendations(),
        "outcomes": Outcomes(),
    }
    made |= sections
    answered = Answered(*(made[name] for name in ("audit", "cycle", "retention", "clv")))
    made["recommendations"] = changed(made["recommendations"], lines=lines(answered))
    return Results(
        client="cdnow",
        as_of=date(1998, 6, 30),
        currency="USD",
        schema_version="1",
        **made,
    )


def _nothing(made: Section, **needed: Any) -> Any:
    figures = dict.fromkeys(made.figures()) | needed
    return valued(**figures) if isinstance(made, Clv) else section(type(made), **figures)


def no_cycle() -> Cycle:
    return _nothing(
        cycle(),
        history_days=1,
        starts_mid_life=False,
        rhythm=[],
        strata=[],
        lapse_race=[],
        lapse_left_out={},
        gate="refused",
        certainty="open",
        grows=False,
        regularity="unknown",
        is_regular=False,
        rhythms_found=[],
        rhythms_untested=["week", "fortnight", "month", "quarter", "year"],
        has_season=False,
        season_tentative=True,
        season_moves_windows=False,
        one_cycle=OneCycle(verdict="unknown", shortest=0, longest=0, pairs=[]),
        subscriptions=Subscriptions(
            customers=0, customer_share=0, occasion_share=0, periods={}, reported=False
        ),
    )


def no_retention() -> Retention:
    empty = ("second_purchase_years", "cohorts", "parts", "stands_out", "contractual")
    lists: dict[str, Any] = {name: [] for name in empty}
    return _nothing(retention(), **lists, second_purchase_clearly="unclear", parts_compared=0)


def no_clv() -> Clv:
    return _nothing(
        clv(),
        left_out={},
        p_alive_beside={},
        time_unit="week",
        basis="revenue",
        discount_rate=0.1,
        horizon_months=12,
        wanted_months=12,
        tested_days=0,
        ledger=Ledger(due=0, inside=0, unjudged=0, forecasts=[], notes=[]),
        rolling=[],
        states=[],
        subscribers=[],
    )


def no_recommendations() -> Recommendations:
    return _nothing(recommendations(), claims=[], segments=[], actions=[], lines=[])


def bare_audit() -> Audit:
    return changed(
        audit(),
        rows_in=1,
        rows_kept=1,
        customers=1,
        occasions=1,
        repeat_buyers=0,
        checks=[],
        closed_group=False,
        zero_occasions=0,
        reasons={},
        verdict=Verdict(retention="unfit", clv="unfit", forecast="unfit"),
        last_date=date(1997, 1, 1),
        last_first_purchase=date(1997, 1, 1),
        revenue=None,
        unassigned_revenue=None,
        unassigned_share=None,
        refunds=None,
        years=[],
        files=[],
    )


def nothing_known() -> Results:
    return results(
        audit=bare_audit(),
        cycle=no_cycle(),
        retention=no_retention(),
        clv=no_clv(),
        recommendations=no_recommendations(),
    )


# --- frames -------------------------------------------------------------------


def history(periods: int = 18, scale: float = 1.0, unit: str = "month") -> pd.DataFrame:
    """Return what each period of a closed group holds; the last is not complete."""
    length = {"week": pd.DateOffset(weeks=1), "month": pd.DateOffset(months=1)}[unit]
    start = pd.DatetimeIndex([pd.Timestamp("1997-01-01") + n * length for n in range(periods)])
    new = np.where(np.arange(periods) < 3, 7_800 * scale, 0).round().astype(int)
    back = (np.linspace(900, 3_000, periods) * scale).round().astype(int)
    return pd.DataFrame(
        {
            "start": start.date,
            "end": (start + length - pd.DateOffset(days=1)).date,
            "unit": unit,
            "rows": (1.2 * (new + back)).astype(int),
            "money": 30.0 * (new + back),
            "occasions": new + back,
            "customers": new + back,
            "new_customers": new,
            "complete": np.arange(periods) < periods - 1,
        }
    )


def return_curve(last: int = 545, n: int = 23_570, top: float = 0.5) -> pd.DataFrame:
    day = np.arange(1, last + 1)
    return pd.DataFrame(
        {
            "day": day,
            "share_back": top * (1 - np.exp(-day / 90)),
            "share_back_pooled": 0.85 * (1 - np.exp(-day / 55)),
            "at_risk": np.linspace(n, 20, last),
        }
    )


def gap_histogram(longest: int = 500) -> pd.DataFrame:
    days = np.arange(1, longest + 1)
    gaps = np.ceil(1_500 * np.exp(-days / 60)).astype(int)
    return pd.DataFrame({"gap_days": days, "gaps": gaps, "weight": gaps / 3})


def cohorts(number: int = 3, periods: int = 18, unit: str = "month") -> pd.DataFrame:
    starts = pd.date_range("1997-01-01", periods=number, freq="MS" if unit == "month" else "QS")
    rows = [
        {
            "cohort": start,
            "unit": unit,
            "size": 8_000 - 100 * at,
            "period": k,
            "mature": k < periods - at - 1,
            "active": 400,
            "rate": (1.0 if k == 0 else 0.16 / k**0.5) if k < periods - at - 1 else np.nan,
        }
        for at, start in enumerate(starts)
        for k in range(periods - at)
    ]
    return pd.DataFrame(rows)


def calibration() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "frequency": range(8),
            "label": [*"0123456", "7+"],
            "customers": [14_119, 4_100, 1_900, 1_100, 700, 480, 300, 871],
            "actual": [0.2, 0.6, 1.1, 1.5, 1.9, 2.5, 2.9, 5.6],
            "predicted": [0.15, 0.65, 1.0, 1.4, 1.9, 2.3, 2.6, 5.2],
        }
    )


def lorenz() -> pd.DataFrame:
    share = np.linspace(0, 1, 101)
    return pd.DataFrame({"customers_share": share, "spend_share": 1 - (1 - share) ** 5})


def sales_calendar(
    first: str = "1997-01-01", last: str = "1998-06-30", typical: float = 80.0
) -> pd.DataFrame:
    """Sales that follow the week and swell before Christmas, the last Sunday of a month closed."""
    day = pd.date_range(first, last, freq="D")
    week = np.array([1.0, 0.8, 0.9, 1.0, 1.2, 1.6, 0.5])[day.day_of_week]
    christmas = 1 + 1.5 * np.exp(-(((day.day_of_year - 345) / 18) ** 2))
    noise = 1 + 0.2 * np.sin(np.arange(len(day)) * 12.9898)
    closed = (day.day_of_week == 6) & (day.day > 24)
    sold = np.where(closed, 0, typical * week * christmas * noise).round().astype(int)
    return pd.DataFrame({"day": day, "occasions": sold})


def season(swing: float = 0.45) -> pd.DataFrame:
    """A year that peaks before Christmas and is at its lowest in February."""
    week = np.arange(1, 53)
    factor = (
        1 + swing * np.exp(-(((week - 50) / 4) ** 2)) - swing / 3 * np.exp(-(((week - 6) / 5) ** 2))
    )
    return pd.DataFrame({"week": week, "factor": factor / factor.mean()})
