"""Reads national phone numbers by the rules of a region. Needs phonenumbers."""

from __future__ import annotations

import re

from calltransfer._bulk.items import invalid
from calltransfer._optional_import import optional_import

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Digits and the characters between them. Anything else is left as it is: an international number, a SIP
# address, `private`, and what the core refuses with its reason (an extension, letters, other scripts).
_NATIONAL = re.compile(r"[(]?[0-9][-0-9(). /]*")


class Region:
    """The country whose rules apply to national numbers, for example `US`."""

    def __init__(self, code: str) -> None:
        self._library = optional_import("phonenumbers", "region", "phone")
        if not isinstance(code, str) or code.upper() not in self._library.SUPPORTED_REGIONS:
            given = repr(code[:20]) if isinstance(code, str) else f"a {type(code).__name__}"
            raise invalid("region", f"expected the two letters of a country, as US, got {given}")
        self._code = code.upper()

    def applied(self, to: Any, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Returns target and options with national numbers in international form. Raises if one is not valid."""
        if isinstance(to, (list, tuple)):
            to = [self._international("to", one) for one in to]
        else:
            to = self._international("to", to)
        if "caller_id" in options:
            options = {**options, "caller_id": self._international("caller_id", options["caller_id"])}
        return to, options

    def _international(self, field: str, given: Any) -> Any:
        if not isinstance(given, str) or not _NATIONAL.fullmatch(given.strip()):
            return given
        library = self._library
        try:
            number = library.parse(given, self._code)
        except library.NumberParseException:
            number = None
        # What is merely possible may be a mistyped number, and so someone else's.
        if number is None or not library.is_valid_number(number):
            raise invalid(field, f"is not a valid phone number of {self._code}; an international one begins with +")
        return library.format_number(number, library.PhoneNumberFormat.E164)
