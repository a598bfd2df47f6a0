"""The typed results each notebook hands on, and their JSON Schema.

Rates and shares are fractions, money is in the client's currency, dates are ISO,
windows are closed ranges of days. A figure that cannot be given is null, and
``why_not`` says why by a code with its numbers, under the figure's JSON pointer. A section
(``results/NN.json``) carries its own pointers; :class:`Results` joins the sections.

What its modules define without an underscore is imported from here.
"""

from retention_lib.results.audit import *
from retention_lib.results.base import *
from retention_lib.results.clv import *
from retention_lib.results.cycle import *
from retention_lib.results.document import *
from retention_lib.results.recommendations import *
from retention_lib.results.retention import *
