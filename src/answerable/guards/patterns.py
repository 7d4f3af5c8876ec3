"""Personal data as patterns with their checks: what a match must satisfy before it counts."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A kind of personal data. Group 1, where there is one, is the value: what stands around it is context."""

    kind: str
    pattern: re.Pattern[str]
    check: Check | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A value in a text: text[start:end]."""

    kind: str
    start: int
    end: int


def find(patterns: tuple[Pattern, ...], text: str) -> Iterator[Found]:
    """Every checked match; they may overlap."""
    for pattern in patterns:
        group = 1 if pattern.pattern.groups else 0
        for match in pattern.pattern.finditer(text):
            if pattern.check is None or pattern.check(match.group(group)):
                yield Found(kind=pattern.kind, start=match.start(group), end=match.end(group))


def digits(value: str) -> str:
    """The decimal digits of a value, in order."""
    return "".join(char for char in value if char.isdecimal() and char.isascii())


def luhn(number: str) -> bool:
    """ISO/IEC 7812-1, annex B: doubled from the right, digits summed, a multiple of ten."""
    total = 0
    for place, char in enumerate(reversed(digits(number))):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


# First digits and lengths by ISO/IEC 7812 as the networks publish them.
_ISSUERS = (
    (re.compile(r"4"), (13, 16, 19)),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),  # Mastercard
    (re.compile(r"3[47]"), (15,)),  # American Express
    (re.compile(r"30[0-5]|3095|3[689]"), (14, 15, 16, 17, 18, 19)),  # Diners
    (re.compile(r"6011|64[4-9]|65|622"), (16, 17, 18, 19)),  # Discover
    (re.compile(r"35"), (16, 17, 18, 19)),  # JCB
    (re.compile(r"2131|1800"), (15,)),  # JCB, older
    (re.compile(r"62|81"), (16, 17, 18, 19)),  # UnionPay
    (re.compile(r"5018|5020|5038|5893|6304|6390|67"), (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro
)


def is_card(value: str) -> bool:
    """Right check digit, and a prefix and a length that an issuer uses."""
    number = digits(value)
    if len(set(number)) < 2 or not luhn(number):
        return False
    return any(prefix.match(number) and len(number) in lengths for prefix, lengths in _ISSUERS)


_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18,
    "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24,
    "XK": 20,
}  # fmt: skip


def is_iban(value: str) -> bool:
    """ISO 13616: the country's length, and modulo 97 equals 1 with letters as 10..35 (ISO 7064)."""
    compact = re.sub(r"[ -]", "", value).upper()
    if _IBAN_LENGTHS.get(compact[:2]) != len(compact) or not compact.isascii() or not compact.isalnum():
        return False
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def is_public_ip(value: str) -> bool:
    """An address that can name somebody: not private, loopback, link-local, reserved or for documentation."""
    try:
        address = ipaddress.ip_address(value.partition("%")[0])
    except ValueError:
        return False
    return address.is_global


def is_ssn(value: str) -> bool:
    """US Social Security: areas 000, 666 and 9xx, group 00 and serial 0000 are never given out."""
    area, group, serial = re.split(r"[- ]", value)
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def is_german_tax_id(value: str) -> bool:
    """Steuer-ID: one digit of the first ten stands two or three times, check digit by ISO 7064 MOD 11,10."""
    number = digits(value)
    counts = sorted(number[:10].count(char) for char in set(number[:10]))
    if len(number) != 11 or number[0] == "0" or counts[-1] not in (2, 3) or counts.count(1) < 7:
        return False
    product = 10
    for char in number[:10]:
        total = (int(char) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(number[10])


_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"  # by the number modulo 23 (Real Decreto 1553/2005)


def is_spanish_id(value: str) -> bool:
    """DNI or NIE with its check letter."""
    compact = re.sub(r"[ .-]", "", value).upper()
    number = compact[:-1].translate(str.maketrans("XYZ", "012"))
    return number.isdecimal() and _DNI_LETTERS[int(number) % 23] == compact[-1]


def is_insurance_number(value: str) -> bool:
    """UK National Insurance: prefixes that are never given out."""
    prefix = value[:2].upper()
    return prefix not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ")


def is_birth_date(value: str) -> bool:
    """A day between 1900 and today's generations; which of day and month comes first is left open."""
    parts = [int(part) for part in re.findall(r"\d+", value)]
    if len(parts) < 3:
        return True  # a month in words: the context has decided
    year = next((part for part in parts if part > 31), parts[-1] + 1900)
    first, second = [part for part in parts if part != year][:2] or (1, 1)
    try:
        date(year, *((first, second) if first <= 12 else (second, first)))
    except ValueError:
        return False
    return 1900 <= year <= 2030


_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_H = r"[0-9A-Fa-f]{1,4}"
PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        kind="EMAIL",
        pattern=re.compile(
            r"(?<![\w.+-])[\w+-]{1,64}(?:\.[\w+-]{1,64}){0,8}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@-])"
        ),
    ),
    Pattern(
        kind="IBAN",
        pattern=re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}[A-Za-z0-9]{11,30}(?![A-Za-z0-9])"),
        check=is_iban,
    ),
    Pattern(
        kind="IBAN",
        pattern=re.compile(
            r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -][A-Z0-9]{4}){2,7}(?:[ -][A-Z0-9]{1,3})?(?![A-Za-z0-9])"
        ),
        check=is_iban,
    ),
    Pattern(
        kind="IBAN",  # whole groups of four, where what follows is another word
        pattern=re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -][A-Z0-9]{4}){3,7}(?![A-Za-z0-9])"),
        check=is_iban,
    ),
    Pattern(
        kind="CARD",
        pattern=re.compile(r"(?<![\d.,/-])(?<!\d )\d(?:[ -]?\d){11,18}(?![\d/]|[ .,-]\d)"),
        check=is_card,
    ),
    Pattern(
        kind="IP",
        pattern=re.compile(rf"(?<![\w.:-])(?:{_OCTET}\.){{3}}{_OCTET}(?![\w-]|\.\d)"),
        check=is_public_ip,
    ),
    Pattern(
        kind="IP",
        pattern=re.compile(
            rf"(?<![\w:.])(?:(?:{_H}:){{7}}{_H}|(?:{_H}:){{1,6}}(?::{_H}){{1,6}}|(?:{_H}:){{1,7}}:)(?![\w:])"
        ),
        check=is_public_ip,
    ),
    Pattern(kind="SSN", pattern=re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"), check=is_ssn),
    Pattern(
        kind="SSN",
        pattern=re.compile(
            r"\b(?:SSN|social security(?: number| no\.?)?)\b[^\d\n]{0,16}(\d{3} ?\d{2} ?\d{4})(?!\d)", re.I
        ),
    ),
    Pattern(
        kind="TAX_ID",
        pattern=re.compile(r"(?<![\d.,])\d{2} \d{3} \d{3} \d{3}(?![\d.,]?\d)"),
        check=is_german_tax_id,
    ),
    Pattern(
        kind="TAX_ID",
        pattern=re.compile(
            r"\b(?:steuer-?id(?:nr)?|id-?nr|(?:steuer)?identifikationsnummer|tax id(?:entification)?(?: number)?"
            r"|tin)\b[^\d\n]{0,16}(\d{11})(?!\d)",
            re.I,
        ),
        check=is_german_tax_id,
    ),
    Pattern(
        kind="NATIONAL_ID",
        pattern=re.compile(r"(?<![\w-])(?:\d{8}|\d{2}\.\d{3}\.\d{3}|[XYZxyz][ -]?\d{7})[ -]?[A-Za-z](?![\w-])"),
        check=is_spanish_id,
    ),
    Pattern(
        kind="NATIONAL_ID",
        pattern=re.compile(r"(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)"),
        check=is_insurance_number,
    ),
    Pattern(
        kind="BIRTH_DATE",
        pattern=re.compile(
            r"\b(?:born|birth ?date|date of birth|birthday|dob|d\.o\.b|geboren|geburtsdatum|geb|nac[ií]|nacid[oa]"
            r"|fecha de nacimiento)\b[^\d\n]{0,16}(\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
            r"|\d{1,2}\.? ?(?:de )?[^\W\d_]{3,12}\.?,? (?:de )?(?:19|20)\d\d"
            r"|[^\W\d_]{3,12} \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d)",
            re.I,
        ),
        check=is_birth_date,
    ),
)
