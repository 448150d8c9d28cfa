"""List the voices of Kokoro, choose one, and read its style vectors."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.errors import VoiceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STYLE_SHAPE = (510, 256)
"""A style vector for each number of tokens."""
DOWNLOAD_BYTES = 510 * 256 * 4
"""Size of a downloaded voice, which contains 32-bit numbers; ours contain 16-bit numbers."""
LANGUAGES = ("en", "es", "fr", "hi", "it", "pt")
UNAVAILABLE = ("ja", "zh")
"""Languages of Kokoro that need other phonemes than those of eSpeak NG."""
_ACCENTS = {
    "a": ("en", "en-us"), "b": ("en", "en-gb"), "e": ("es", "es"), "f": ("fr", "fr"), "h": ("hi", "hi"),
    "i": ("it", "it"), "p": ("pt", "pt-br"),
}
"""First letter of a name -> the language, and its name in eSpeak NG."""
_RATES = {
    "af_heart": 167, "af_bella": 160, "am_michael": 155, "am_fenrir": 167, "bf_emma": 176, "bm_george": 142,
    "ef_dora": 159, "em_alex": 156, "ff_siwis": 148, "hf_alpha": 138, "hm_omega": 134, "if_sara": 172,
    "im_nicola": 163, "pf_dora": 185, "pm_alex": 182,
}
"""Words per minute of a voice at its own pace, on the scale of `pressrun.services.pace`, measured on a paragraph."""
_ACCENT_RATES = {"a": 162, "b": 159, "e": 157, "f": 148, "h": 136, "i": 167, "p": 183}
"""The same for other voices: the mean of their language."""
_HASHES = """
af_heart d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b
af_bella f69d836209b78eb8c66e75e3cda491e26ea838a3674257e9d4e5703cbaf55c8b
am_michael 1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1
am_fenrir c27989f741f7ee34d273a39d8a595cc0837d35f5ced9a29b7cc162614616df43
bf_emma 669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73
bm_george c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc
ef_dora f66ec66bd295acb18372e37008533a9a3228483ccd294e7538d5d9294ac9a532
em_alex 27809e9eafdcbcfff90a3016c697568676531de2a2c39cee29c96c7bd6b83e95
ff_siwis a35f5675ad08948e326ae75fd0ea16ba5d0042e4f76b5f3d1df77d0a48c54861
hf_alpha 040be6a4425411cc01fda5fd06693c76bfa78572632852bc8cda9c99232ffb56
hm_omega b02d9222d9ed00ce26b302173a862c2c93f96cc40b5c422b8d14910b9ff34137
if_sara 409b69248798fcdc2542330c76953d230710f19b057e59cb82fdc3c4cf71265c
im_nicola bc578e510d52a96d6940d46f12e96d7b3df00905dbea075113226d100e6e1ab0
pf_dora 3da7b5b2d91847ebf5646f57631af6ececae3c29a89cd300f06edf9aa6cfe9ee
pm_alex 0175c753f59c54e7fd5a995bedef0c5ff2fb67e0043dd3dcb2ae74ec2acbeb2a
af_alloy c4a6b876047fd7fb472edf4ebd63cfac7c3b958a7cae7c106e8f038ca6308c45
af_aoede 4a004c33430762e2461eedb2013fad808ef4ab3121f5300f554476caf58d8361
af_jessica a240a5e3c15b43563d6e923bdca8ef5613a23471d9b77653694012435df23bd8
af_kore 9be5221b6a941c04b561959b8ff0b06e809444dcc4ab7e75a7b23606f691819e
af_nicole cd2191ab31b914ed7b318416b0e4440fdf392ddad9106a060819aa600a64f59a
af_nova 18778272caa0d0eebaea251c35fd635f038434f9eee5e691d02a174bd328414f
af_river 00a2bcf82b1d86e8f19902ede58c65ccf6c0e43b44b7d74fad54e5d8933c9c30
af_sarah 4409fbc125afabacc615d94db5398d847006a737b0247d6892b7a9a0007a2f0a
af_sky 4435255c9744f3f31659e0d714ab7689bf65d9e77ec1cce060f083912614f0b9
am_adam 162b035ed91cfc48b6046982184c645f72edcdd1b82843347f605d7bf7b15716
am_echo 3968b92c3c4cd1c4416dbded36c13eaa388a90d5788d02a13e4d781f5f8cf3c3
am_eric e8b5be17edd1e3636901ce7598baafe2dc8dd8ff707a0c23bf9e461add7e2832
am_liam 52403be32fd047c6a44517cb0bcd6b134f2a18baa73e70ef41651e0eab921ade
am_onyx da5d135b424164916d75a68ffb4c2abce3d7d5ccc82dd1ee6cf447ce286145e6
am_puck fcf73c989033e9233e0b98713eca600c8c74dcc1614b37009d5450ff4a2274a0
am_santa 61150cf726ab6c5ed7a99f90a304f91f5a72c00c592e89ec94e5df11c319227a
bf_alice 08afa6ba24da61ea5e8efa139e5aadc938d83f0a6da5a900adaf763ac1da5573
bf_isabella 3754352c4aaa46d17f27654ab7518d65b62ad6163a0f55a5f4330c2da2c4e94f
bf_lily 5e0ee32ebe64a467124976b14e69590746f1c4ce41a12b587a50c862edfea335
bm_daniel 6b3194bbceffb746733cbc22c8f593dd44e401a71d53895a2dca891bc595a1e8
bm_fable f889083196807b4adb15e9204252165f503b8d33d3982e681c52443c49d798f1
bm_lewis b8f671cef828c30e66fdf0b0756a76bba58f6bb3398cbbf27058642acbcedb97
em_santa ad43b774e1ca24d05c6161297d8aeb770ac3d29bb95daf516727af5f7d543683
hf_beta cd83ae0bb9b2e4e4fb92b4973bd8d1822ca0036d3c498bf4fc89aa8e33917cc7
hm_psi 644daf88ba8aeb7bd08950bbdcd4453bb280864e49dc4df93fabc6be32e03f37
pm_santa 8b012db3185778afe2e45a62cbad69db73021774fe68dda634bcc748a982eede
"""


@dataclass(frozen=True)
class VoiceStyle:
    """One voice: its name, the hash of its file, and what the name says about it."""

    name: str
    sha256: str
    """Of the file as downloaded."""

    @property
    def language(self) -> str:
        """Return its language code."""
        return _ACCENTS[self.name[0]][0]

    @property
    def accent(self) -> str:
        """Return the name of its language in eSpeak NG, e.g. "en-gb"."""
        return _ACCENTS[self.name[0]][1]

    @property
    def gender(self) -> str:
        """Return "female" or "male"."""
        return "female" if self.name[1] == "f" else "male"

    @property
    def rate(self) -> int:
        """Return its words per minute at its own pace."""
        return _RATES.get(self.name, _ACCENT_RATES[self.name[0]])


VOICES = {name: VoiceStyle(name, sha256) for name, sha256 in map(str.split, _HASHES.split("\n")[1:-1])}
"""Name -> voice. The first of a language is its default."""


def language_code(language: str) -> str:
    """Return the two-letter code of a language."""
    return language.lower().replace("_", "-").split("-")[0]


def choose(language: str, gender: str, wanted: str = "") -> VoiceStyle | None:
    """Return the voice `wanted` if it speaks the language, else the first installed one of that gender, or None."""
    code = language_code(language)
    known = VOICES.get(wanted)
    if known and known.language == code and gender in ("neutral", known.gender):
        return known
    return next(
        (each for each in VOICES.values()
         if each.language == code and gender in ("neutral", each.gender) and is_installed(each.name)),
        None,
    )


def shipped_file(name: str) -> Path:
    """Return the path of a voice that is part of Pressrun."""
    return Path(__file__).with_name("styles") / f"{name}.f16"


def downloaded_file(name: str) -> Path:
    """Return the path of a voice that `pressrun voices get` downloads."""
    import platformdirs

    return platformdirs.user_data_path("pressrun", appauthor=False) / "voices" / f"{name}.bin"


def is_installed(name: str) -> bool:
    """Return whether the voice can be used without a download."""
    return shipped_file(name).is_file() or downloaded_file(name).is_file()


@lru_cache(maxsize=4)
def load_style(name: str) -> NDArray[np.float32]:
    """Return the style vectors of a voice. Raises `VoiceError` if its file is missing or damaged."""
    import numpy as np

    path, remedy = shipped_file(name), "Install Pressrun again."
    if not path.is_file():
        path, remedy = downloaded_file(name), f"Get it with: pressrun voices get {name}"
    try:
        data = path.read_bytes()
        if path.suffix == ".bin" and hashlib.sha256(data).hexdigest() != VOICES[name].sha256:
            raise VoiceError(f"{path} is damaged", remedy=remedy)
        styles = np.frombuffer(data, "<f2" if path.suffix == ".f16" else "<f4").reshape(STYLE_SHAPE)
    except OSError as error:
        raise VoiceError(f"The voice {name} cannot be read: {error.strerror}", remedy=remedy) from error
    except ValueError as error:
        raise VoiceError(f"{path} is damaged", remedy=remedy) from error
    return styles.astype(np.float32)
