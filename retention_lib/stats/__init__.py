"""Estimators and intervals on arrays and small weighted frames.

What its modules define without an underscore is called from here, as in ``stats.wilson(...)``.
"""

from retention_lib.stats.arrays import *
from retention_lib.stats.calendar import *
from retention_lib.stats.curves import *
from retention_lib.stats.forecasts import *
from retention_lib.stats.regularity import *
from retention_lib.stats.resampling import *
from retention_lib.stats.runs import *
from retention_lib.stats.shares import *
from retention_lib.stats.shifts import *
