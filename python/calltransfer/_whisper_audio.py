"""What the new party hears before being connected."""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal


@dataclass(frozen=True)
class WhisperAudio:
    """Audio that the new party hears before being connected: either a spoken sentence or a file.

    The caller does not hear it. The values are checked when the transfer is sent.

        >>> WhisperAudio("You have an incoming call", locale="en_UK", voice="Bridget")
        WhisperAudio(sentence='You have an incoming call', locale='en_UK', voice='Bridget')
    """

    sentence: str | None = None
    """The sentence that is spoken: 1 to 1,000 characters."""
    file_url: str | None = None
    """The file that is played: the http or https URL of a WAV or MP3 file."""
    gender: Literal["female", "male"] | None = None
    """The gender of the voice; only with a sentence."""
    locale: str | None = None
    """Language and accent, for example `en_US` or `de_DE`; only with a sentence."""
    voice: str | None = None
    """The name of the voice, in upper or lower case; only with a sentence."""
    loop_enabled: bool | None = None
    """Whether the audio is repeated."""
    tag: str | None = None
    """A text that is returned with the events of this audio."""
    volume: int | None = None
    """The volume, from -4 to 4."""

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self._fields().items())
        return f"WhisperAudio({given})"

    def _fields(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if value is not None}
