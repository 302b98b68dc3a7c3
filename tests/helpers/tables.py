"""Tables such as an experiment stores, made up: no model runs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa


def made_up(first: int, count: int = 3, months: int = 4) -> dict[str, pa.Table]:
    """Return the tables of the runs `first`, `first` + 1 and so on."""
    numbers = np.arange(first, first + count)
    key = {
        "district": pa.array(["a"] * count).dictionary_encode(),
        "condition": pa.array(["b"] * count).dictionary_encode(),
        "strategy": pa.array([("status_quo", "web")[one % 2] for one in numbers]),
        "point": np.zeros(count, np.int64),
        "seed": np.ones(count, np.int64),
        "replicate": numbers // 2,
        "run": [run_id(int(number)) for number in numbers],
    }
    runs = key | {
        "reference": [run_id(int(number - number % 2)) for number in numbers],
        "conditions.shock_rate": np.full(count, 0.1),
        "status": pa.array(["done"] * count).dictionary_encode(),
        "gain": pa.array([None if one % 5 == 4 else float(one) for one in numbers], pa.float64()),
    }
    series = {name: np.repeat(np.asarray(values), months) for name, values in key.items()}
    series["month"] = np.tile(np.arange(months), count)
    series["leadership"] = np.repeat(numbers / 7, months)
    return {"runs": pa.table(runs), "series": pa.table(series)}


def run_id(number: int) -> str:
    """Return an id of the form of a real one."""
    return f"{int(number) * 0x9E3779B97F4A7C15 % 2**64:016x}"
