"""Child process that solves models with HiGHS; it never shares a process with the tests.

Reads pickled requests from standard input and answers on standard output, until it is told to stop.
"""

from __future__ import annotations

import os
import pickle
import sys

import numpy as np

NO_AGGREGATOR = 1 << 12
"""The aggregator of HiGHS 1.15.1's presolve can lose the optimum; see ``test_presolve_that_lost_the_optimum``."""
OPTIONS = {"threads": 1, "mip_rel_gap": 0.0, "mip_abs_gap": 1e-7, "presolve_rule_off": NO_AGGREGATOR}


def solve(request: dict) -> dict:
    """Solve arrays, or a file, to proven optimality (or the relaxation)."""
    import highspy

    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    for name, value in {**OPTIONS, **request.get("options", {})}.items():
        model.setOptionValue(name, value)
    if "file" in request:
        if model.readModel(request["file"]) != highspy.HighsStatus.kOk:
            return {"status": "unreadable", "objective": float("nan"), "values": np.zeros(0), "names": []}
    else:
        model.passModel(_lp(highspy, request))
    if request.get("relaxed"):
        columns = model.getNumCol()
        kinds = np.zeros(columns, dtype=np.uint8)
        model.changeColsIntegrality(columns, np.arange(columns, dtype=np.int32), kinds)
    model.run()
    lp = model.getLp()
    return {
        "status": model.modelStatusToString(model.getModelStatus()),
        "objective": model.getInfo().objective_function_value,
        "bound": model.getInfo().mip_dual_bound,
        "values": np.array(model.getSolution().col_value),
        "names": list(lp.col_names_),
        "shape": (lp.num_row_, lp.num_col_),
    }


def _lp(highspy: object, request: dict) -> object:
    """Model out of the plain arrays of a program."""
    a = request["a"].tocsr()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = a.shape[1], a.shape[0]
    lp.col_cost_, lp.offset_ = request["c"], request["offset"]
    lp.col_lower_, lp.col_upper_ = request["lower"], request["upper"]
    lp.row_lower_, lp.row_upper_ = request["row_lower"], request["row_upper"]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = a.indptr, a.indices, a.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[int(i)] for i in request["integer"]]
    return lp


def main() -> None:
    """Answer requests one by one; native output must not disturb the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        request = pickle.load(sys.stdin.buffer)
        if request is None:
            return
        pickle.dump(solve(request), answers)
        answers.flush()


if __name__ == "__main__":
    main()
