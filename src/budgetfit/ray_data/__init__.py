"""Planning as a stage of Ray Data, and plans as the rows that ``ray.data.llm`` takes.

The stage, the request and the answer are functions of one row. What runs them on a cluster, carries
the rows, retries what a lost node took along and writes files is Ray's.
"""

from __future__ import annotations

from budgetfit.ray_data.rows import answer_row, request_row
from budgetfit.ray_data.stage import PlanStage

__all__ = ["PlanStage", "answer_row", "request_row"]
