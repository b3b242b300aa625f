"""The channel variables of FreeSWITCH in the order in which its documents and events hold them (cdr-formats.md 2.7)."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

import numpy as np

from pipeline.simulator.calls import CODECS, INBOUND, Mask
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.parties import Positions, texts
from pipeline.simulator.records import Records
from pipeline.simulator.texts import Part, Whole, coded, identity
from pipeline.simulator.world import World
from pipeline.simulator.writing import misprinted_ms
from schemas.reference import Trunk

_DISPOSITIONS = ("recv_bye", "send_bye", "send_refuse")


class Style(NamedTuple):
    """What stands around the value of a variable; `{}` is its name."""

    before: str
    after: str
    is_always_there: bool = False
    """Whether a variable without a value is written, too."""


class _Choice(NamedTuple):
    """A value that is one of these texts; an empty one is no value."""

    texts: Sequence[str]
    at: Positions


def variables(records: Records, world: World, style: Style) -> list[Part]:
    """The variables of the leg that came from the caller, values URL-encoded."""
    numbers = [quote(text, safe="") for text in texts(world.parties.table)]
    answered, answer, release = records.answered, records.answer * 1_000, records.release * 1_000
    inbound, extra = records.direction == INBOUND, misprinted_ms(records) * 1_000
    of_trunk = records.trunk * 2 + inbound
    named: dict[str, list[Part] | _Choice] = {
        "direction": ["inbound"],
        "uuid": [*identity(f"{world.tag}-", records.call, "-0")],
        "call_uuid": [*identity(f"{world.tag}-", records.call, "%40sim")],
        "sip_network_ip": _Choice(_hosts(world.trunks), of_trunk),
        "sip_auth_username": _Choice(_users(world.trunks), of_trunk),
        "accountcode": _Choice(_accounts(world.trunks), of_trunk),
        "sip_from_user": _Choice(numbers, records.calling),
        "sip_req_user": _Choice(numbers, records.called),
        "sip_P-Asserted-Identity": _Choice(["", *numbers], records.asserted + 1),
        "start_uepoch": [Whole(records.start * 1_000)],
        "answer_uepoch": [Whole(np.where(answered, answer, 0))],
        "end_uepoch": [Whole(release)],
        "billsec": [Whole(np.where(answered, (release + extra) // 1_000_000 - answer // 1_000_000, 0))],
        "billusec": [Whole(np.where(answered, release + extra - answer, 0))],
        "hangup_cause": _Choice([outcome.freeswitch for outcome in OUTCOMES], records.outcome),
        "hangup_cause_q850": _Choice([str(outcome.q850 or "") for outcome in OUTCOMES], records.outcome),
        "sip_term_status": _Choice([str(outcome.sip_status) for outcome in OUTCOMES], records.outcome),
        "sip_hangup_disposition": _Choice(_DISPOSITIONS, records.releaser),
        "read_codec": _Choice(CODECS, records.codec),
        "write_codec": _Choice(CODECS, records.codec),
        "sip_via_protocol": _Choice(["udp", "tls"], records.secure.astype(np.int64)),
        "rtp_secure_media_confirmed": _Choice(["", "true"], records.secure.astype(np.int64)),
        "rtp_audio_in_mos": _Choice(["", *(f"{score / 100:.2f}" for score in range(1, 451))], records.mos),
    }
    return [part for name, value in named.items() for part in _written(name, value, style)]


def _written(name: str, value: list[Part] | _Choice, style: Style) -> Sequence[Part]:
    before, after = style.before.format(name), style.after.format(name)
    if isinstance(value, list):
        return [before, *value, after]
    choices, at = value.texts, value.at
    if style.is_always_there:
        return [coded(before, choices, at, after)]
    return [coded(before, [choice or _NOTHING for choice in choices], np.where(_known(choices)[at], at, -1), after)]


_NOTHING = "-"


def _known(choices: Sequence[str]) -> Mask:
    return np.array([bool(choice) for choice in choices], bool)


def _hosts(trunks: Sequence[Trunk]) -> list[str]:
    """For each trunk what it is found by in a call out, and in a call in."""
    return [text for trunk in trunks for text in (trunk.source_hosts[0] if trunk.source_hosts else "", "")]


def _users(trunks: Sequence[Trunk]) -> list[str]:
    return [text for trunk in trunks for text in (quote(trunk.user_name or "", safe=""), "")]


def _accounts(trunks: Sequence[Trunk]) -> list[str]:
    """The account code names the trunk where neither an address nor a user does, and in every call in."""
    return [
        text
        for trunk in trunks
        for text in ("" if trunk.source_hosts or trunk.user_name else trunk.trunk_id, trunk.trunk_id)
    ]
