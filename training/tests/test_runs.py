"""What becomes of runs: the mean of their weights, and a student that begins as some layers of its teacher."""
import torch
from transformers import BertConfig, BertModel

from ..encoder import Classifier, mean_of
from ..fit import mean_of_runs


def small(layers: int) -> Classifier:
    config = BertConfig(
        vocab_size=50, hidden_size=8, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=16, attn_implementation="eager"
    )
    return Classifier(BertModel(config, add_pooling_layer=False)).eval()


def test_the_mean_of_two_runs_lies_between_them(tmp_path):
    models = [small(1), small(1)]
    for number, model in enumerate(models):
        (tmp_path / str(number)).mkdir()
        torch.save(model.state_dict(), tmp_path / str(number) / "averaged.pt")
    mean = mean_of_runs([tmp_path / "0", tmp_path / "1"])
    first, second = (model.state_dict()["head.weight"] for model in models)
    assert torch.allclose(mean["head.weight"], (first + second) / 2)
    assert torch.equal(mean_of_runs([tmp_path / "0"])["head.weight"], first)


def test_padding_is_no_part_of_the_mean():
    hidden = torch.tensor([[[1.0], [3.0], [100.0]]])
    assert mean_of(hidden, torch.tensor([[1, 1, 0]])).item() == 2
