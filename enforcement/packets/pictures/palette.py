"""The print palette: what a packet paints the same shapes with. The file then stands alone, without a style sheet."""

from dataclasses import dataclass

from enforcement.packets.pictures.svg import Svg


@dataclass(frozen=True)
class Palette:
    """Colours and faces on paper. Defaults are those of the packet: one accent, greys, Typst's own serif."""

    accent: str = "#17456b"
    accent_soft: str = "#e3ebf2"
    ink: str = "#111111"
    ink_2: str = "#3d3d3d"
    ink_3: str = "#5f5f5f"
    line: str = "#c9c9c9"
    mark: str = "#a9a9a9"
    paper: str = "#ffffff"
    rule: str = "#111111"
    heat: tuple[str, str, str, str, str, str] = ("#f2f2f2", "#dbe4ec", "#b3c7d8", "#7d9fbb", "#44729a", "#17456b")
    face: str = "Libertinus Serif"


PAPER = Palette()


def paper_rules(palette: Palette = PAPER) -> str:
    """The rules for every class that pictures use."""
    p = palette
    heat = "".join(f".h{step}{{fill:{colour}}}" for step, colour in enumerate(p.heat))
    return (
        f"text{{fill:{p.ink_2};font-family:'{p.face}';font-size:11.5px}}.faint{{fill:{p.ink_3}}}"
        f".bold{{fill:{p.ink};font-weight:600}}"
        f".halo{{paint-order:stroke;stroke:{p.paper};stroke-width:3px}}.grid{{stroke:{p.line}}}.axis{{stroke:{p.mark}}}.bar{{fill:{p.mark}}}"
        f".on{{fill:{p.accent}}}.dot{{fill:{p.accent}}}.mark{{fill:none;stroke:{p.accent};stroke-width:1.75}}"
        f".rule-gap{{stroke:{p.paper};stroke-width:2.5}}"
        f".rule{{stroke:{p.rule};stroke-dasharray:4 3}}.rule-text{{fill:{p.ink}}}"
        f".flag{{fill:{p.paper};stroke:{p.ink}}}.flag-line{{stroke:{p.ink}}}.flag-text{{fill:{p.ink};font-size:10px}}"
        f".tie{{fill:none;stroke:{p.mark};opacity:0.55}}.hub{{fill:{p.accent_soft};stroke:{p.accent};stroke-width:1.25}}"
        f".schedule{{fill:{p.paper};stroke-dasharray:1 3;stroke-linecap:round;stroke-width:2}}.other{{fill:{p.paper}}}"
        f".void{{fill:none;stroke:{p.ink_3};stroke-dasharray:5 4}}.well{{fill:{p.paper}}}.disc{{stroke:{p.line}}}"
        f".dots{{fill:none;stroke:{p.accent};stroke-width:3.3;stroke-linecap:round}}.ended{{stroke:{p.mark}}}{heat}"
    )


def for_paper(drawn: Svg, palette: Palette = PAPER) -> Svg:
    """``drawn`` with its colours inside. Everything else of it, title and description included, stays the same."""
    opening, mark, rest = drawn.partition(">")
    return Svg(f"{opening}{mark}<style>{paper_rules(palette)}</style>{rest}")
