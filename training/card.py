"""The model card: what the model is, what it was measured at by `fnd model eval`, and what it must not be used for."""

TEXT = """# {name} {version}

Text classifier for English news-like text: real or fake, by style and topic.
{made},
and a linear model of word pieces, pairs and triples beside it; int8 ONNX. Trained on LIAR, Constraint-2021, CoAID, FakeNewsNet
(PolitiFact, GossipCop titles, BuzzFeed), an ISOT subset and OnionOrNot, near-duplicates taken out within and across
them and against the sources never trained on, with known shortcuts stripped (agency names, URLs, credit lines, broken apostrophes).

It does not check facts. It says how much a text reads like the fakes that it was trained on. Do not use it to punish,
rank or remove anybody's words without a person's judgement.

## Figures

Measured with `fnd model eval`; in brackets 95 % confidence intervals (percentile bootstrap). ECE takes
chance for error: with few texts it is too high, and its interval more so, which may then begin above it.

| texts | n | accuracy | macro-F1 | AUROC | ECE | verdicts given | of these right |
|---|---|---|---|---|---|---|---|
{rows}

Real articles of a source never trained on (BBC) called Fake: {bbc} of the verdicts given.

Calibration: temperature {temperature}, between {trained:.2f}, which fits the sources it was trained on, and
{unseen:.2f}, which fits sources that it never saw; a verdict asks for {accept} confidence, one
of Fake for {fake}, headlines for {extra:.2f} more.
{quantised}

What it leans on, how it stands typos, capitals, exclamation marks and look-alike letters, and what was tried to make
it better: training/EXPERIMENTS.md in fnd's repository.

Training texts: research datasets, not contained here.
"""

MADE = {
    "fnd-base": "Encoder e5-small-v2 (intfloat, MIT; 12 layers, 384 wide), fine-tuned",
    "fnd-fast": "Encoder of 4 layers, 384 wide, taken from fnd-base (e5-small-v2, intfloat, MIT) and taught by it",
}


def card(manifest: dict, bundle: dict, figures: dict) -> str:
    found, compared = bundle["calibration"], bundle["int8AgainstFp32"]
    test, unseen = figures["test"], figures["unseen"]
    rows = [_row("**test splits**", test["overall"])]
    if test["balanced"]:
        rows.append(_row("**each source weighing the same**", {**test["balanced"], "n": test["overall"]["n"]}))
    rows += [_row(group["name"], group) for group in test["sources"]]
    rows += [_row(f"never trained on: {group['name']}", group) for group in unseen["sources"]]
    bbc = next((group["realCalledFake"] for group in unseen["sources"] if group["name"] == "bbc_real"), None)
    return TEXT.format(
        name=manifest["name"],
        version=manifest["version"],
        made=MADE[manifest["name"]],
        rows="\n".join(rows),
        bbc="–" if bbc is None else f"{bbc:.1%}",
        temperature=found["temperature"],
        trained=found["trained"],
        unseen=found["unseen"],
        accept=found["accept"],
        fake=found["fake"],
        extra=found["headline"] - found["accept"],
        quantised=_quantised(compared),
    )


def _quantised(compared: dict) -> str:
    small, whole = compared["int8"]["accuracy"], compared["fp32"]["accuracy"]
    return f"int8 against fp32: {compared['flips']:.1%} of the verdicts lean the other way, accuracy {small} against {whole}."


def _row(name: str, group: dict) -> str:
    cells = [name, str(group["n"]), *(_figure(group[key]) for key in ("accuracy", "macroF1", "auroc", "ece"))]
    return f"| {' | '.join([*cells, _share(group.get('coverage')), _share(group.get('right'))])} |"


def _figure(value: dict | None) -> str:
    return "" if value is None else f"{value['value']:.3f} ({value['low']:.3f} to {value['high']:.3f})"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
