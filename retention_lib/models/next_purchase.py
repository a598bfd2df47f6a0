"""By which day does a customer buy again, who stays until then?

Of a customer with x repeat purchases in T the rate is gamma (r + x, alpha + T) in all models of
buying, whatever else may end the purchases. So the chance that the next purchase is later than a
time w ahead, both in the model's clock, is (z / (z + w))^(r + x), z = alpha + T; a share of such
customers has bought after w = z ((1 - share)^(-1 / (r + x)) - 1).

In BG/NBD, MBG/NBD and NBD customers leave at a purchase only, or never, so that all who are still
there today stay until the next one. In Pareto/NBD some leave before it: the day is that of the
others.
"""

from __future__ import annotations

import numpy as np

from retention_lib.models.purchase_model import Floats, PurchaseModel, quiet, weeks


def days_until(
    model: PurchaseModel, frequency: Floats, recency_days: Floats, age_days: Floats, share: float
) -> Floats:
    """Return in how many days this share has bought again, of such customers as stay until then.

    Infinite where it is later than any number can say, as of one who bought once where hardly
    anybody comes back.
    """
    x, _, age = weeks(frequency, recency_days, age_days, model.clock)
    r, alpha = model.params["r"], model.params["alpha"]
    with quiet():
        ahead = (alpha + age) * np.expm1(-np.log1p(-share) / (r + x))
    return model.clock.days_ahead(ahead)


def days_at_pace(pace: Floats, share: float) -> Floats:
    """Return in how many days this share has bought, each at so many purchases a day at random.

    Infinite of who buys no more.
    """
    never = np.full(np.shape(pace), np.inf)
    return np.asarray(np.divide(-np.log1p(-share), pace, out=never, where=np.asarray(pace) > 0))
