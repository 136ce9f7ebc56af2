"""A plan as one HTML page to send to somebody, and as a fragment for notebooks.

Needs the extra ``report``, which is loaded when one of the functions is called.
"""

from budgetfit.report.pages import plan_html, report
from budgetfit.report.templating import require_jinja

__all__ = ["plan_html", "report", "require_jinja"]
