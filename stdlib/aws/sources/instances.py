"""Regions and instance types: which job takes which (API enums), where they are sold (cfn-lint's price tables), accelerators (SDK)."""
from __future__ import annotations

import json
import pathlib
import re

# The language's name of a job class, the enum of the service model that lists its instance types, cfn-lint's table.
JOBS = {
    "training": ("TrainingInstanceType", None),
    "processing": ("ProcessingInstanceType", "aws_sagemaker_processing"),
    "transform": ("TransformInstanceType", "aws_sagemaker_transform"),
    "endpoint": ("ProductionVariantInstanceType", "aws_sagemaker_hosting"),
    "studio": ("AppInstanceType", None),
    "notebook": ("InstanceType", None),
    "cluster": ("ClusterInstanceType", "aws_sagemaker_cluster"),
}
TYPE = re.compile(r"ml\.([a-z0-9-]+)\.([a-z0-9-]+)$")


def regions(endpoints: dict) -> dict[str, str]:
    """Every region and the partition it lies in."""
    found = {r: p["partition"] for p in endpoints["partitions"] for r in p["regions"]}
    return dict(sorted(found.items()))


def lines(model: dict, cfn: pathlib.Path, gpu_table: dict, endpoints: dict) -> list[str]:
    shapes = model["shapes"]
    jobs = {job: [n for n in shapes[enum]["enum"] if TYPE.match(n)] for job, (enum, _) in JOBS.items()}
    sold: dict[tuple[str, str], list[str]] = {}
    for job, (_, table) in JOBS.items():
        if table:
            path = cfn / "data" / "schemas" / "extensions" / table / "instancetype_enum.json"
            for region, entry in json.loads(path.read_text()).items():
                if isinstance(entry, dict) and "enum" in entry:
                    sold[job, region] = sorted(entry["enum"])
    names = sorted({n for table in (jobs, sold) for row in table.values() for n in row})
    index = {n: i for i, n in enumerate(names)}
    gpus: dict[str, list[int]] = {}
    for table in gpu_table.values():
        for name, entry in table.items():
            gpus[name] = [entry["Count"], entry["TotalGpuMemoryInMiB"]]
    out = {"names": names, "regions": regions(endpoints), "gpus": dict(sorted(gpus.items()))}
    out |= {f"job/{job}": [index[n] for n in row] for job, row in jobs.items()}
    out |= {f"sold/{job}/{region}": [index[n] for n in row] for (job, region), row in sold.items()}
    return [f"{k}\t{json.dumps(v, separators=(',', ':'))}" for k, v in sorted(out.items())]
