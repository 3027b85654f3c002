"""Which Chinese fonts a PDF is set in: those of the npm packages, else the system's."""

from pathlib import Path
from typing import Final, NamedTuple

from chassis.packages import modules

_PACKAGES: Final = ("noto-sans-sc", "noto-serif-sc")
_WEIGHTS: Final = ("400Regular", "700Bold")
_SYSTEM: Final = (
    ("Noto Serif CJK SC", "Noto Sans CJK SC"), ("Source Han Serif SC", "Source Han Sans SC"),
    ("SimSun", "SimHei"), ("Noto Sans CJK SC", "Noto Sans CJK SC"), ("WenQuanYi Zen Hei", "WenQuanYi Zen Hei"),
    ("WenQuanYi Micro Hei", "WenQuanYi Micro Hei"),
)  # fmt: skip


class Fonts(NamedTuple):
    """`serif` is for text, `sans` for headings and charts; `folders` hold their files, empty for the system's."""

    serif: str
    sans: str
    folders: tuple[Path, ...] = ()


def fonts() -> Fonts | None:
    """None where there is no Chinese font at all."""
    packages = modules()
    if packages is not None:
        home = packages / "@expo-google-fonts"
        folders = tuple(home / package / weight for package in _PACKAGES for weight in _WEIGHTS)
        if all(any(folder.glob("*.ttf")) for folder in folders):
            return Fonts("Noto Serif SC", "Noto Sans SC", folders)
    return _of_the_system()


def _of_the_system() -> Fonts | None:
    import typst  # only where a PDF is set

    families = set(typst.Fonts(include_system_fonts=True, include_embedded_fonts=False).families())
    return next((Fonts(serif, sans) for serif, sans in _SYSTEM if {serif, sans} <= families), None)
