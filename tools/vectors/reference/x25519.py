"""X25519, from RFC 7748, section 5. Plain arithmetic, in time that depends on its input: for checking vectors only."""

P = 2**255 - 19
A24 = 121665
BASE = (9).to_bytes(32, "little")


def x25519(scalar, point):
    """The product, 32 bytes each; all zero for a point of low order."""
    k = bytearray(scalar)
    k[0] &= 248
    k[31] = k[31] & 127 | 64
    return ladder(int.from_bytes(k, "little"), int.from_bytes(point, "little") % 2**255 % P).to_bytes(32, "little")


def ladder(k, u):
    x_1, x_2, z_2, x_3, z_3, swap = u, 1, 0, u, 1, 0
    for t in reversed(range(255)):
        k_t = k >> t & 1
        if swap ^ k_t:
            x_2, x_3, z_2, z_3 = x_3, x_2, z_3, z_2
        swap = k_t
        a, b, c, d = x_2 + z_2, x_2 - z_2, x_3 + z_3, x_3 - z_3
        aa, bb, da, cb = a * a % P, b * b % P, d * a % P, c * b % P
        e = aa - bb
        x_3, z_3 = (da + cb) ** 2 % P, x_1 * (da - cb) ** 2 % P
        x_2, z_2 = aa * bb % P, e * (aa + A24 * e) % P
    if swap:
        x_2, z_2 = x_3, z_3
    return x_2 * pow(z_2, P - 2, P) % P


def check():
    """The examples of RFC 7748, section 5.2."""
    given = [bytes.fromhex(digits) for digits in (
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")]
    assert x25519(given[0], given[1]).hex() == "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
    assert x25519(given[2], given[3]).hex() == "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"
    assert x25519(BASE, BASE).hex() == "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
