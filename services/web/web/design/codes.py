"""QR codes: an address on paper that a telephone opens."""

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """A QR code as SVG that takes its size from where it stands."""
    return Markup(segno.make(text, error="m", micro=False).svg_inline(scale=4, border=4, omitsize=True, light="#fff"))
