"""Letters of the font Symbol, which word processors and typesetters put at U+F020 to U+F0FF (ISO 32000-2, D.6)."""

from __future__ import annotations

_GREEK = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"
_CODES = dict(zip(range(0x41, 0x5B), _GREEK, strict=True))
_CODES |= dict(zip(range(0x61, 0x7B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True))
_CODES |= {ord(sign): sign for sign in " !#%&()*+,./0123456789:;<=>?[]_{|}"}
_CODES |= {0x2D: "−", 0x7E: "∼", 0xA2: "′", 0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓"}
_CODES |= {0xB0: "°", 0xB1: "±", 0xB2: "″", 0xB3: "≥", 0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBB: "≈"}
_CODES |= {0xBC: "…", 0xD2: "®", 0xD3: "©", 0xD4: "™", 0xD6: "√", 0xD7: "⋅", 0xE2: "®", 0xE3: "©", 0xE4: "™"}

PRIVATE = {0xF000 + code: letter for code, letter in _CODES.items()}


def symbol(code: int) -> str:
    """The letter at a code of Symbol, with or without U+F000 added; "" where there is none."""
    return _CODES.get(code & 0xFF, "") if code < 0x100 or 0xF000 <= code < 0xF100 else ""
