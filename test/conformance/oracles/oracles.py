"""What outside implementations say; the suite beside this file says what ours does. One JSON object on standard output."""
import importlib.util
import json
import sys
from pathlib import Path
from sysconfig import get_paths

import dp_accounting
import numpy as np
from dp_accounting import rdp
from sklearn.ensemble import HistGradientBoostingClassifier


def load_opacus():
    """The accountant alone: the package imports PyTorch, two gigabytes that nothing here asks."""
    path = Path(get_paths()["purelib"]) / "opacus/accountants/analysis/rdp.py"
    spec = importlib.util.spec_from_file_location("opacus_rdp", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def account(case):
    q, sigma, steps, delta = (case[name] for name in ("samplingRate", "noiseMultiplier", "steps", "delta"))
    orders = case["orders"]
    opacus = load_opacus()
    divergences = opacus.compute_rdp(q=q, noise_multiplier=sigma, steps=steps, orders=orders)
    by_opacus, _ = opacus.get_privacy_spent(orders=orders, rdp=divergences, delta=delta)
    accountant = rdp.RdpAccountant(orders)
    event = dp_accounting.PoissonSampledDpEvent(q, dp_accounting.GaussianDpEvent(sigma))
    accountant.compose(event, steps)
    return {"opacus": float(by_opacus), "dp_accounting": float(accountant.get_epsilon(delta))}


def boost(case):
    rows = np.array(case["rows"], dtype=np.float32)
    model = HistGradientBoostingClassifier(
        max_iter=case["stumps"],
        learning_rate=case["learningRate"],
        max_leaf_nodes=2,
        min_samples_leaf=case["leafMin"],
        l2_regularization=case["regularisation"],
        early_stopping=False,
    ).fit(rows, np.array(case["labels"]))
    return [float(value) for value in model.decision_function(rows)]


cases = json.load(sys.stdin)
answers = {"accounts": [account(case) for case in cases["accounts"]], "logits": [boost(case) for case in cases["boosts"]]}
json.dump(answers, sys.stdout)
